/** Servers that share an etcd share the work of forgetting its history. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { silentLog } from '../../src/core/async/log.ts';
import { systemRandom } from '../../src/core/async/random.ts';
import { openEtcdStore } from '../../src/core/store/index.ts';
import { virtualClock } from '../helpers/clock.ts';
import { startEtcd } from '../helpers/etcd.ts';
import { waitFor } from '../helpers/wait.ts';

interface Keys {
  kvs?: { key: string; version: number }[];
}

const starting = startEtcd({ after });

test('history reaches back one interval, and one of two servers sees to it', async (t) => {
  const etcd = await starting;
  const clock = virtualClock();
  // Only intervals are of this clock; etcd takes the time it takes.
  const deps = { clock, random: systemRandom, log: silentLog, requestTimeoutMs: 1e9, memberTimeoutMs: 1e9 };
  const open = () => openEtcdStore({ servers: etcd.urls, compactionIntervalMs: 60_000, ...deps });
  const stores = [await open(), await open()] as const;
  t.after(() => Promise.all(stores.map((store) => store.close())));
  const count = async () => {
    const { kvs = [] } = JSON.parse(await etcd.ctl('get', '/registry', '--prefix', '-w', 'json')) as Keys;
    return kvs.find(({ key }) => Buffer.from(key, 'base64').includes('compaction'))?.version;
  };
  const write = async () =>
    (await stores[0].txn({ then: [{ type: 'put', key: '/registry/a', value: Buffer.from('1') }] })).revision;
  await write();

  await clock.advance(60_000);
  await waitFor(async () => (await count()) === 1);
  const marked = await write();
  assert.equal(stores[0].compactedRevision, 0);
  await clock.advance(60_000);
  await waitFor(async () => (await count()) === 2);

  const compacted = await waitFor(() => Math.max(...stores.map((store) => store.compactedRevision)));
  assert.ok(compacted < marked);
  await waitFor(() =>
    assert.rejects(stores[1].range({ prefix: '/registry/', revision: compacted - 1 })).then(() => true),
  );
  assert.equal((await stores[1].range({ prefix: '/registry/', revision: marked })).count, 1);
});
