/** When the disk fails, nothing of a failed batch is to be seen, and the store goes on. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { silentLog } from '../../../src/core/async/log.ts';
import { EmbeddedStore } from '../../../src/core/store/embedded/engine.ts';
import { memoryDisk } from '../../../src/core/store/embedded/memory.ts';
import { openEmbeddedStore, type Store, StoreFullError, type Txn } from '../../../src/core/store/index.ts';
import { virtualClock } from '../../helpers/clock.ts';

const put = (key: string, value: string | Buffer = key): Txn => ({
  then: [{ type: 'put', key, value: Buffer.from(value) }],
});

/** A store in memory whose disk refuses the next batches with `failures` where one is given, each after a turn of the event loop. */
function storeWith(failures: (Error | undefined)[]) {
  const disk = memoryDisk();
  const clock = virtualClock();
  const commit: typeof disk.commit = async (batch) => {
    const failure = failures.shift();
    await (failure ? setImmediate() : disk.commit(batch));
    if (failure) throw failure;
  };
  const options = { clock, log: silentLog, compactionIntervalMs: 300_000, compactionKeepRevisions: 1_000 };
  return { clock, store: new EmbeddedStore({ disk: { ...disk, commit }, ...options }) };
}

const outcome = (txn: Promise<unknown>) =>
  txn.then(
    () => 'written',
    (error: Error) => error.message,
  );

test('a failed batch rejects all that waits, and leaves memory as the disk is', async () => {
  const failures: Error[] = [];
  const { store } = storeWith(failures);
  await store.txn(put('/a', '1'));
  const told: number[] = [];
  store.watch({ prefix: '/' }, { events: (revision) => void told.push(revision), error: assert.fail });

  failures.push(new StoreFullError('no room'));
  const outcomes = [
    outcome(store.txn(put('/a', '2'))),
    outcome(store.txn({ compare: [{ key: '/a', target: 'version', is: '=', value: 2 }], ...put('/b') })),
    outcome(store.txn({ then: [{ type: 'get', key: '/b' }] })),
  ];
  assert.deepEqual(await Promise.all(outcomes), ['no room', 'no room', 'no room']);
  assert.equal(store.revision, 2);
  assert.equal((await store.get('/a'))!.value.toString(), '1');
  assert.equal(await store.get('/b'), undefined);
  assert.equal(store.stats().pendingTxns, 0);

  const { revision } = await store.txn({
    compare: [{ key: '/a', target: 'version', is: '=', value: 1 }],
    ...put('/a', '3'),
  });
  assert.equal(revision, 3);
  assert.deepEqual(told, [3]);
  await store.close();
});

test('what is decided on top of a batch that fails later fails with it', async () => {
  const failures: Error[] = [];
  const { store } = storeWith(failures);
  failures.push(new Error('broken'));
  const first = outcome(store.txn(put('/a')));
  await setImmediate(); // the batch of the first is on its way now
  const second = outcome(store.txn({ compare: [{ key: '/a', target: 'version', is: '=', value: 1 }], ...put('/b') }));
  assert.deepEqual(await Promise.all([first, second]), ['broken', 'broken']);
  assert.equal(store.stats().keys, 0);
  await store.close();
});

test('an expiry that fails is tried again', async () => {
  const failures: Error[] = [];
  const { store, clock } = storeWith(failures);
  await store.txn({ then: [{ type: 'put', key: '/a', value: Buffer.from('1'), ttlSeconds: 5 }] });
  failures.push(new StoreFullError('no room'));
  await clock.advance(5_000);
  assert.equal(store.stats().keys, 1);
  await clock.advance(1_000);
  assert.equal(store.stats().keys, 0);
  await store.close();
});

test('a compaction that fails leaves history as it was', async () => {
  const failures: Error[] = [];
  const { store } = storeWith(failures);
  await store.txn(put('/a', '1'));
  await store.txn(put('/a', '2'));
  failures.push(new StoreFullError('no room'));
  await assert.rejects(store.compact(3), StoreFullError);
  assert.equal(store.compactedRevision, 0);
  assert.equal((await store.range({ prefix: '/', revision: 2 })).kvs[0]!.value.toString(), '1');
  await store.compact(3);
  assert.equal(store.compactedRevision, 3);
  await store.close();
});

test('a compaction asked for while another runs has an outcome of its own', async () => {
  const failures: (Error | undefined)[] = [];
  const { store } = storeWith(failures);
  for (let i = 0; i < 5; i++) await store.txn(put('/a', `${i}`));
  failures.push(undefined, new Error('broken'));
  const first = store.compact(3);
  await setImmediate(); // the batch of the first is on its way now
  const second = outcome(store.compact(4));
  await first;
  assert.equal(await second, 'broken');
  assert.equal(store.compactedRevision, 3);
  await store.close();
});

/** A file system of its own with room for a few megabytes; only root may make one. */
function smallDir(t: TestContext): string | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'kubecfg-store-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'none', dir]);
  t.after(() => {
    if (status === 0) execFileSync('umount', [dir]);
    rmdirSync(dir);
  });
  return status === 0 ? dir : undefined;
}

/** Writes until there is no room, and says how many writes were answered. */
async function fill(store: Store): Promise<number> {
  for (let written = 0; ; written++) {
    try {
      await store.txn(put(`/fill/${written}`, Buffer.alloc(100_000)));
    } catch (error) {
      assert.ok(error instanceof StoreFullError, String(error));
      return written;
    }
  }
}

test('a full disk is told as such, loses nothing, and takes writes again when there is room', async (t) => {
  const dir = smallDir(t);
  if (!dir) return t.diagnostic('not looked at: only root may mount a small file system');
  const open = () => openEmbeddedStore({ dir, clock: virtualClock(), log: silentLog });
  let store = await open();

  const written = await fill(store);

  assert.ok(written > 10);
  assert.equal(store.stats().keys, written);
  assert.equal(store.revision, written + 1);
  await store.close();
  store = await open();
  assert.equal(store.stats().keys, written);
  await store.txn({ then: [{ type: 'deletePrefix', prefix: '/fill/' }] });
  await store.compact(store.revision);
  await store.txn(put('/small')); // LMDB uses freed pages again from the next transaction but one
  await store.txn(put('/large', Buffer.alloc(100_000)));
  await store.close();
  store = await open();
  assert.equal((await store.get('/large'))!.value.length, 100_000);
  await store.close();
});
