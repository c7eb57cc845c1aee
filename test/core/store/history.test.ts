/** How much history a store keeps by itself, and watches that have much of it to catch up with. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../../src/core/async/log.ts';
import { CompactedError, openEmbeddedStore, type Store, type WatchListener } from '../../../src/core/store/index.ts';
import { virtualClock } from '../../helpers/clock.ts';
import { waitFor } from '../../helpers/wait.ts';
import { storeDir } from './dirs.ts';

const put = (key: string, value = 'x') => ({ then: [{ type: 'put' as const, key, value: Buffer.from(value) }] });
const writes = (store: Store, count: number) =>
  Promise.all(Array.from({ length: count }, (_, i) => store.txn(put(`/${i % 10}`))));

test('history older than an interval is forgotten', async () => {
  const clock = virtualClock();
  const store = await openEmbeddedStore({ clock, log: silentLog, compactionIntervalMs: 60_000 });
  await writes(store, 20);
  await clock.advance(60_000);
  const marked = store.revision;
  await writes(store, 20);
  assert.equal((await store.range({ prefix: '/', revision: 2 })).count, 1);

  await clock.advance(60_000);
  assert.equal(store.compactedRevision, marked);
  assert.equal((await store.range({ prefix: '/', revision: marked })).count, 10);

  await clock.advance(60_000);
  assert.equal(store.compactedRevision, store.revision);
  await clock.advance(60_000);
  await store.close();
});

test('a burst of writes is cut back without waiting for the interval', async () => {
  const clock = virtualClock();
  const store = await openEmbeddedStore({ clock, log: silentLog, compactionKeepRevisions: 100 });
  await writes(store, 199);
  assert.equal(store.compactedRevision, 0);
  await writes(store, 1);
  await waitFor(() => store.compactedRevision === 101);
  await store.close();
});

/** Collects the revisions that a watch is told. */
function listener() {
  const seen = { told: [] as number[], progress: [] as number[], error: undefined as Error | undefined };
  const told: WatchListener = {
    events: (revision) => void seen.told.push(revision),
    progress: (revision) => void seen.progress.push(revision),
    error: (error) => {
      seen.error = error;
    },
  };
  return { seen, told };
}

for (const where of ['on disk', 'in memory']) {
  test(`a watch ${where} catches up from far behind while others write`, async (t) => {
    const dir = where === 'on disk' ? storeDir(t) : undefined;
    const store = await openEmbeddedStore({ dir, clock: virtualClock(), log: silentLog });
    await writes(store, 6_000); // more than is kept in memory for watches
    const { seen, told } = listener();

    store.watch({ prefix: '/', startRevision: 2 }, told);
    await writes(store, 1_000);
    await waitFor(() => seen.told.at(-1) === store.revision);

    assert.deepEqual(
      seen.told,
      Array.from({ length: 7_000 }, (_, i) => i + 2),
    );
    await store.close();
  });

  test(`a watch ${where} that a compaction overtakes is ended`, async (t) => {
    const dir = where === 'on disk' ? storeDir(t) : undefined;
    const store = await openEmbeddedStore({ dir, clock: virtualClock(), log: silentLog });
    await writes(store, 6_000);
    const { seen, told } = listener();
    let compacting: Promise<void> | undefined;
    const events: WatchListener['events'] = (revision, events) => {
      told.events(revision, events);
      compacting ??= store.compact(store.revision);
    };
    store.watch({ prefix: '/', startRevision: 2 }, { ...told, events });
    await waitFor(() => seen.error);
    await compacting;
    assert.ok(seen.error instanceof CompactedError);
    assert.deepEqual(
      seen.told,
      Array.from({ length: seen.told.length }, (_, i) => i + 2),
    );
    assert.ok(seen.told.length < 6_000);
    await store.close();
  });
}

test('a watch that is told nothing learns from time to time how far the store is', async () => {
  const clock = virtualClock();
  const store = await openEmbeddedStore({ clock, log: silentLog });
  const { seen, told } = listener();
  store.watch({ prefix: '/quiet/' }, told);
  await waitFor(() => seen.progress.length === 1);
  await writes(store, 5);
  await clock.advance(10_000);
  await clock.advance(60_000);
  assert.deepEqual(seen.progress, [1, 6]);
  assert.deepEqual(seen.told, []);
  await store.close();
});

test('a listener that throws loses its watch and disturbs no other', async () => {
  const store = await openEmbeddedStore({ clock: virtualClock(), log: silentLog });
  const bad = listener();
  const good = listener();
  store.watch(
    { prefix: '/' },
    {
      ...bad.told,
      events: () => {
        throw new Error('cannot take it');
      },
    },
  );
  store.watch({ prefix: '/' }, good.told);
  await waitFor(() => bad.seen.progress.length + good.seen.progress.length === 2);

  await writes(store, 2);

  assert.equal(bad.seen.error?.message, 'cannot take it');
  assert.deepEqual(good.seen.told, [2, 3]);
  assert.equal(store.stats().watchers, 1);
  await store.close();
});
