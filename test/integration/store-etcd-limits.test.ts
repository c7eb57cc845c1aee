/** Where etcd has limits, and what they are to clients of the API; and what others do in the same etcd. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { realClock } from '../../src/core/async/clock.ts';
import { silentLog } from '../../src/core/async/log.ts';
import { systemRandom } from '../../src/core/async/random.ts';
import type { Op, Store } from '../../src/core/store/index.ts';
import { openEtcdStore, StoreFullError, StoreTooLargeError } from '../../src/core/store/index.ts';
import { type Etcd, startEtcd } from '../helpers/etcd.ts';
import { waitFor } from '../helpers/wait.ts';

const deps = { clock: realClock, random: systemRandom, log: silentLog };
const megabyte = 1024 * 1024;
const starting = startEtcd({ after }, { args: [`--quota-backend-bytes=${32 * megabyte}`] });
let etcd: Etcd;
let store: Store;
before(async () => {
  etcd = await starting;
  store = await openEtcdStore({ servers: etcd.urls, ...deps });
});
after(() => store.close());

const put = (key: string, value: Buffer | string): Op => ({ type: 'put', key, value: Buffer.from(value) });

test('a transaction of more than 128 operations, or 1.5 MiB, is too large', async () => {
  const many = Array.from({ length: 129 }, (_, i) => put(`/registry/${i}`, '1'));
  await assert.rejects(store.txn({ then: many }), StoreTooLargeError);
  await store.txn({ then: many.slice(1) });
  const before = store.revision;
  await assert.rejects(store.txn({ then: [put('/registry/large', Buffer.alloc(1.6 * megabyte))] }), StoreTooLargeError);
  await assert.rejects(store.txn({ then: [put('/registry/large', Buffer.alloc(3 * megabyte))] }), StoreTooLargeError);
  assert.equal(store.revision, before);
});

test('a list longer than a page is whole, and of one revision', async () => {
  for (let i = 0; i < 2_400; i += 120) {
    await store.txn({ then: Array.from({ length: 120 }, (_, j) => put(`/registry/long/${i + j}`, 'x'.repeat(1_000))) });
  }
  const listing = store.range({ prefix: '/registry/long/' });
  const { results } = await store.txn({ then: [{ type: 'deletePrefix', prefix: '/registry/long/2' }] });
  const { kvs, count, more } = await listing;
  // Before the deletion or behind it, but never half of each.
  assert.ok([2_400, 2_400 - results[0]!.deleted!].includes(kvs.length), String(kvs.length));
  assert.deepEqual([kvs.length, more], [count, false]);
  assert.equal((await store.range({ prefix: '/registry/long/', limit: 1_500 })).kvs.length, 1_500);
});

test("somebody else's writes do not keep anybody waiting", async () => {
  const progress: number[] = [];
  store.watch({ prefix: '/registry/' }, { events() {}, progress: (revision) => progress.push(revision), error() {} });
  await waitFor(() => progress.length > 0);
  for (let i = 0; i < 5; i++) {
    const header = JSON.parse(await etcd.ctl('put', '/foreign', String(i), '-w', 'json')).header as {
      revision: number;
    };
    const begun = performance.now();
    const revision = await store.confirm!();
    assert.ok(revision >= header.revision);
    assert.ok(performance.now() - begun < 1_000);
    assert.ok(progress.at(-1)! >= header.revision, 'the watch was not told');
  }
});

test('marks of the store itself are in no list and no event', async () => {
  const told: string[] = [];
  const watch = store.watch(
    { prefix: '', startRevision: store.compactedRevision + 2 },
    {
      events: (_, events) => told.push(...events.map((event) => (event.type === 'put' ? event.kv.key : event.key))),
      error() {},
    },
  );
  await waitFor(() => told.length > 0);
  watch.close();
  const { kvs, count } = await store.range({ prefix: '' });
  assert.equal(kvs.length, count);
  for (const key of [...told, ...kvs.map((kv) => kv.key)]) assert.match(key, /^\/registry\//);
  assert.equal(store.stats().keys, count);
});

test('without room writes fail and say what to do, reads go on', async () => {
  const value = Buffer.alloc(megabyte, 'x');
  const fill = async () => {
    for (let i = 0; i < 64; i++) await store.txn({ then: [put(`/registry/fill/${i}`, value)] });
  };
  await assert.rejects(fill(), (error) => {
    assert.ok(error instanceof StoreFullError, String(error));
    assert.match(error.message, /etcd has no room .*etcdctl alarm disarm/);
    return true;
  });
  assert.ok((await store.range({ prefix: '/registry/fill/', limit: 1 })).count > 0);
  await store.confirm?.();
});
