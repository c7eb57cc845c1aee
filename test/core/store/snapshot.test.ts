/** Snapshot files: what was written is read, and nothing else is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  readSnapshot,
  revisionAfter,
  type Snapshot,
  SnapshotError,
  snapshotBytes,
} from '../../../src/core/store/snapshot/index.ts';
import type { KeyValue } from '../../../src/core/store/store.ts';

const createdAt = '2026-11-25T10:00:00Z';
const head = { revision: 9, createdAt, version: 'v1', cluster: { name: 'a' } };
const kv = (key: string, text = key, more: Partial<KeyValue> = {}): KeyValue => ({
  key,
  value: Buffer.from(text),
  createRevision: 2,
  modRevision: 5,
  version: 3,
  ...more,
});
const kvs = [kv('/a', ''), kv('/b', 'x\n\0y', { expiresAt: 1_764_064_800_123 }), kv('/ü', 'z'.repeat(300_000))];

const write = (of: readonly KeyValue[]) => Buffer.concat([...snapshotBytes(head, of)]);

/** Read in pieces of `size` bytes. */
async function read(bytes: Buffer, size = 50_000): Promise<Snapshot> {
  return readSnapshot(
    (async function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    })(),
  );
}

test('what was written is read, in whatever pieces it comes', async () => {
  const bytes = write(kvs);
  for (const size of [7, 4096, 1_000_000]) {
    const snapshot = await read(bytes, size);
    assert.deepEqual(snapshot.head, { snapshot: 'kubecfg', format: 1, keys: 3, ...head });
    assert.deepEqual(snapshot.kvs, kvs);
    assert.equal(snapshot.bytes, bytes.length);
  }
  assert.deepEqual((await read(write([]))).kvs, []);
});

test('any cut, any changed byte and anything added is refused', async () => {
  const bytes = write(kvs.slice(0, 2));
  const place = fc.nat({ max: bytes.length - 1 });
  await fc.assert(
    fc.asyncProperty(place, async (at) => {
      await assert.rejects(read(bytes.subarray(0, at)), SnapshotError);
    }),
  );
  await fc.assert(
    fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const changed = Buffer.from(bytes);
      changed[at] = changed[at]! ^ change;
      await assert.rejects(read(changed), SnapshotError);
    }),
  );
  await assert.rejects(read(Buffer.concat([bytes, Buffer.from([0])])), /is damaged/);
});

test('what is refused is told apart', async () => {
  await assert.rejects(read(Buffer.from('')), /is no snapshot/);
  await assert.rejects(read(Buffer.from('{"kind":"Pod"}\n')), /is no snapshot/);
  await assert.rejects(read(Buffer.alloc(2_000_000, 'a')), /is no snapshot/);
  await assert.rejects(read(write(kvs).subarray(0, 1000)), /was cut short/);
  const newer = '{"snapshot":"kubecfg","format":2,"version":"v9.0.0"}\n';
  await assert.rejects(read(Buffer.from(newer)), /written by a newer kubecfg \(v9.0.0, snapshot format 2/);
});

test('a restored store goes on above all that its source, or another store made of the file, may have reached', () => {
  const at = (seconds: number) => revisionAfter(head, Date.parse(createdAt) + seconds * 1000);
  assert.ok(at(0) > head.revision + 1_000_000);
  // One restored after 10 s that then made 90,000 revisions a second for 20 s is behind one restored after 30 s.
  assert.ok(at(30) > at(10) + 20 * 90_000);
  assert.ok(at(-100) >= at(0), 'a clock that went back makes no difference');
});
