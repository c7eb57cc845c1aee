/** What a store on disk keeps from one opening to the next. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { open, type RootDatabase } from 'lmdb';
import { silentLog } from '../../../src/core/async/log.ts';
import { stateKey, stateValue } from '../../../src/core/store/embedded/state.ts';
import { CompactedError, openEmbeddedStore, type Store, type StoreEvent } from '../../../src/core/store/index.ts';
import { virtualClock } from '../../helpers/clock.ts';
import { waitFor } from '../../helpers/wait.ts';
import { storeDir } from './dirs.ts';

const put = (key: string, value = key) => ({ type: 'put' as const, key, value: Buffer.from(value) });

/** Opens the same directory again and again, with one clock. */
function reopener(t: TestContext) {
  const dir = storeDir(t);
  const clock = virtualClock();
  let store: Store | undefined;
  const reopen = async () => {
    await store?.close();
    store = await openEmbeddedStore({ dir, clock, log: silentLog });
    return store;
  };
  t.after(() => store?.close());
  return { dir, clock, reopen };
}

/** Looks into the file of a store that is not open. */
async function withFile<T>(dir: string, look: (db: RootDatabase<Buffer, Buffer>) => T | Promise<T>): Promise<T> {
  const db = open<Buffer, Buffer>({ path: join(dir, 'store.mdb'), encoding: 'binary', keyEncoding: 'binary' });
  try {
    return await look(db);
  } finally {
    await db.close();
  }
}

const records = (db: RootDatabase<Buffer, Buffer>) =>
  db.getKeysCount({ start: Buffer.from('r'), end: Buffer.from('s') });

test('keys, values and revisions', async (t) => {
  const { reopen } = reopener(t);
  let store = await reopen();
  await store.txn({ then: [put('/a', '1')] });
  await store.txn({ then: [put('/a', '2'), put('/b', '1')] });
  await store.txn({ then: [{ type: 'delete', key: '/b' }] });
  const before = await store.get('/a');

  store = await reopen();

  assert.deepEqual(await store.get('/a'), before);
  assert.equal(await store.get('/b'), undefined);
  assert.equal(store.revision, 4);
  assert.equal((await store.txn({ then: [put('/b')] })).revision, 5);
  assert.equal((await store.range({ prefix: '/', revision: 3 })).count, 2);
});

test('the revision, when the last write was a deletion and history was compacted', async (t) => {
  const { reopen } = reopener(t);
  let store = await reopen();
  await store.txn({ then: [put('/a')] });
  await store.txn({ then: [{ type: 'delete', key: '/a' }] });
  await store.compact(3);
  store = await reopen();
  assert.deepEqual([store.revision, store.compactedRevision], [3, 3]);
  await assert.rejects(store.range({ prefix: '/', revision: 2 }), CompactedError);
});

test('the events of a transaction in the order in which it wrote them', async (t) => {
  const { reopen } = reopener(t);
  await (await reopen()).txn({ then: [put('/c'), put('/a'), put('/b')] });
  await (await reopen()).txn({
    then: [{ type: 'delete', key: '/b' }, put('/0'), { type: 'deletePrefix', prefix: '/a' }],
  });

  const store = await reopen();
  const told: string[] = [];
  const name = (event: StoreEvent) =>
    event.type === 'put' ? `+${event.kv.key}` : `-${event.key} ${event.prev?.value}`;
  store.watch(
    { prefix: '/', startRevision: 2 },
    { events: (revision, events) => void told.push(`${revision} ${events.map(name).join(' ')}`), error: assert.fail },
  );
  await waitFor(() => told.length === 2);

  assert.deepEqual(told, ['2 +/c +/a +/b', '3 -/b /b +/0 -/a /a']);
});

test('the time at which a key expires, also when it passes while nobody has it open', async (t) => {
  const { clock, reopen } = reopener(t);
  let store = await reopen();
  await store.txn({
    then: [
      { ...put('/soon'), ttlSeconds: 10 },
      { ...put('/later'), ttlSeconds: 100 },
    ],
  });
  const expiresAt = clock.now() + 10_000;
  await store.close();

  await clock.advance(50_000);
  store = await reopen();
  assert.equal((await store.get('/soon'))?.expiresAt, expiresAt);
  await clock.advance(0);
  await waitFor(() => store.revision === 3);
  assert.equal(await store.get('/soon'), undefined);

  await clock.advance(50_000);
  await waitFor(() => store.revision === 4);
  assert.equal(store.stats().keys, 0);
});

test('nothing that a compaction gave up, also when it was interrupted', async (t) => {
  const { dir, reopen } = reopener(t);
  let store = await reopen();
  for (let i = 0; i < 2_500; i++) void store.txn({ then: [put('/a', `${i}`)] });
  await store.txn({ then: [put('/gone')] });
  await store.txn({ then: [{ type: 'delete', key: '/gone' }, put('/b')] });
  await store.close();
  assert.equal(await withFile(dir, records), 2_503);

  // As if the process had been killed after the first of several batches, which moves the compacted revision.
  const { revision } = store;
  const state = stateValue({ compactedRevision: revision, revision, records: 2_503 });
  await withFile(dir, (db) => db.put(stateKey, state));
  store = await reopen();
  assert.equal(store.compactedRevision, store.revision);
  await store.close();

  assert.equal(await withFile(dir, records), 3, '/a, /b, and the deletion at the compacted revision itself');
  store = await reopen();
  assert.deepEqual(
    (await store.range({ prefix: '' })).kvs.map((kv) => `${kv.key}=${kv.value}`),
    ['/a=2499', '/b=/b'],
  );
});

test('the file stays as large as it was when history is given up and written anew', async (t) => {
  const { reopen } = reopener(t);
  const store = await reopen();
  const round = async () => {
    const writes = Array.from({ length: 2_000 }, (_, i) =>
      store.txn({ then: [put(`/${i % 100}`, 'x'.repeat(1_000))] }),
    );
    await Promise.all(writes);
    await store.compact(store.revision);
    return store.stats();
  };
  await round();
  const before = await round();
  for (let i = 0; i < 5; i++) await round();
  const { bytesOnDisk, freeBytesOnDisk = 0 } = store.stats();
  assert.ok(bytesOnDisk < before.bytesOnDisk * 1.2, `${before.bytesOnDisk} became ${bytesOnDisk}`);
  assert.ok(freeBytesOnDisk > bytesOnDisk / 2 && freeBytesOnDisk < bytesOnDisk, `${freeBytesOnDisk} of ${bytesOnDisk}`);
});

test('a file of a newer format is refused with what to do', async (t) => {
  const { dir, reopen } = reopener(t);
  await (await reopen()).close();
  const newer = Buffer.alloc(4);
  newer.writeUInt32BE(7);
  await withFile(dir, (db) => db.put(Buffer.from('m:format'), newer));

  await assert.rejects(
    reopen(),
    new Error(
      `data directory ${dir} was written by a newer kubecfg (store format 7, this one knows 2): ` +
        'use that version, or another data directory',
    ),
  );
});

test('a file that is no store is refused by name', async (t) => {
  const { dir, reopen } = reopener(t);
  writeFileSync(join(dir, 'store.mdb'), 'not a store'.repeat(1_000));
  await assert.rejects(
    reopen(),
    new Error(`${join(dir, 'store.mdb')} is not a store: move it away, or use another data directory`),
  );
});
