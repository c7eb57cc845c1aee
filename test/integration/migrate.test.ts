/** State moves into a real etcd and out of it again: every object as it was, and no revision comes twice. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ConfigMap, Event, Lease } from '../../src/core/api/kinds/index.ts';
import { createApiServer } from '../../src/core/apiserver/index.ts';
import { realClock } from '../../src/core/async/clock.ts';
import { silentLog } from '../../src/core/async/log.ts';
import { systemRandom } from '../../src/core/async/random.ts';
import { Client } from '../../src/core/client/client.ts';
import { type ClusterConfig, readConfig, writeConfig } from '../../src/core/cluster/config.ts';
import { migrate } from '../../src/core/cluster/migrate.ts';
import { readSnapshotFile, restore, snapshotAtRest, writeSnapshotFile } from '../../src/core/cluster/snapshots.ts';
import { openStore } from '../../src/core/cluster/store.ts';
import { startEtcd } from '../helpers/etcd.ts';

const root = mkdtempSync(join(tmpdir(), 'kubecfg-migrate-'));
after(() => rmSync(root, { recursive: true, force: true }));
const started = startEtcd({ after });
const deps = { clock: realClock, random: systemRandom, log: silentLog };

function newCluster(name: string, portalNet: string): string {
  const dataDir = join(root, name);
  const nets = { portalNet, podNet: '10.244.0.0/16', machineNet: '172.17.8.0/24' };
  writeConfig(dataDir, { format: 1, name, runtime: 'hollow', port: 0, ...nets, machines: [] });
  return dataDir;
}

/** A server on whatever store the record of a data directory names. */
async function withServer<T>(dataDir: string, use: (client: Client, config: ClusterConfig) => Promise<T>): Promise<T> {
  const config = readConfig(dataDir)!;
  const store = await openStore(config, dataDir, deps);
  const server = await createApiServer({ ...deps, store, portalNet: config.portalNet });
  try {
    return await use(new Client(server.transport), config);
  } finally {
    await server.close();
    await store.close();
  }
}

const map = (name: string, text = name) => ({ metadata: { name, namespace: 'default' }, data: { text } });
const withoutVersions = <T extends { metadata: { resourceVersion: string } }>(items: readonly T[]) =>
  items.map((item) => ({ ...item, metadata: { ...item.metadata, resourceVersion: '' } }));

const contents = (dataDir: string) =>
  withServer(dataDir, async (client) => {
    const { items, metadata } = await client.list(ConfigMap);
    const events = await client.list(Event);
    return {
      maps: withoutVersions(items),
      events: withoutVersions(events.items),
      revision: Number(metadata.resourceVersion),
    };
  });

/** Whoever knew the cluster at this revision is told to list again. */
async function assertForgotten(dataDir: string, revision: number): Promise<void> {
  await withServer(dataDir, async (client) => {
    const resourceVersion = String(revision);
    const events = client.watch(ConfigMap, 'default', { resourceVersion }, AbortSignal.timeout(10_000));
    await assert.rejects(events[Symbol.asyncIterator]().next(), { reason: 'Expired', code: 410 });
    const exact = { resourceVersion, resourceVersionMatch: 'Exact' } as const;
    await assert.rejects(client.list(ConfigMap, 'default', exact), { reason: 'Expired', code: 410 });
  });
}

const dataDir = newCluster('moving', '10.0.0.0/16');

test('from the embedded store into etcd', async () => {
  await withServer(dataDir, async (client) => {
    for (let i = 0; i < 250; i++) await client.create(ConfigMap, map(`m-${i}`, 'x'.repeat(i % 7 ? 100 : 20_000)));
    for (let i = 0; i < 20; i++) await client.patch(ConfigMap, 'default', 'm-1', { data: { i: String(i) } });
    const involvedObject = { kind: 'ConfigMap', namespace: 'default', name: 'm-1' };
    await client.create(Event, { metadata: { name: 'e', namespace: 'default' }, involvedObject, reason: 'Made' });
  });
  const old = await contents(dataDir);
  const etcd = { servers: (await started).urls };
  const { revision } = await migrate({ dataDir, to: { etcd }, replace: false });

  assert.ok(revision > old.revision + 1_000_000);
  assert.deepEqual(readConfig(dataDir)?.etcd, etcd);
  const moved = await contents(dataDir);
  assert.deepEqual([moved.maps, moved.events], [old.maps, old.events]);
  assert.ok(moved.revision >= revision);
  await assertForgotten(dataDir, old.revision);
  assert.match(await (await started).ctl('lease', 'list'), /^found 1 leases/, 'the event still expires');
});

test('there it works like any other: writes, conditions, watches, and a second server with another portal net', async () => {
  const second = newCluster('second', '10.9.0.0/16');
  writeConfig(second, { ...readConfig(second)!, etcd: { servers: (await started).urls } });
  await withServer(dataDir, (first) =>
    withServer(second, async (other, config) => {
      assert.equal(config.portalNet, '10.0.0.0/16');
      const made = await first.create(ConfigMap, map('new'));
      const events = other.watch(
        ConfigMap,
        'default',
        { resourceVersion: made.metadata.resourceVersion },
        AbortSignal.timeout(10_000),
      );
      const next = events[Symbol.asyncIterator]().next();
      const changed = await other.update(ConfigMap, { ...made, data: { text: 'changed' } });
      assert.equal((await next).value.object.metadata.resourceVersion, changed.metadata.resourceVersion);
      await assert.rejects(first.update(ConfigMap, { ...made, data: { text: 'late' } }), { reason: 'Conflict' });
      const resourceVersion = made.metadata.resourceVersion;
      const then = await first.list(ConfigMap, 'default', { resourceVersion, resourceVersionMatch: 'Exact' });
      assert.equal(then.items.find(({ metadata }) => metadata.name === 'new')?.data?.['text'], 'new');
      await first.delete(ConfigMap, 'default', 'new');
    }),
  );
});

test('a snapshot of it restores into a data directory of its own', async () => {
  const file = join(root, 'snapshot');
  await writeSnapshotFile(file, snapshotAtRest(dataDir));
  const again = join(root, 'again');
  await restore(await readSnapshotFile(file), { dataDir: again, now: Date.now(), replace: false });
  assert.equal(readConfig(again)?.etcd, undefined);
  assert.deepEqual((await contents(again)).maps, (await contents(dataDir)).maps);
});

test('what is there is not replaced unasked, and what servers work on is not moved', async () => {
  const etcd = { servers: (await started).urls };
  const other = newCluster('other', '10.0.0.0/16');
  await withServer(other, (client) => client.create(ConfigMap, map('mine')));
  await assert.rejects(migrate({ dataDir: other, to: { etcd }, replace: false }), /there is state in etcd at/);
  assert.equal(readConfig(other)?.etcd, undefined);

  const spec = { holderIdentity: 'worker', leaseDurationSeconds: 15, renewTime: new Date().toISOString() };
  const lease = { metadata: { name: 'kube-scheduler', namespace: 'kube-system' }, spec };
  await withServer(dataDir, (client) => client.create(Lease, lease));
  const home = { dataDir, to: { dataDir }, replace: true };
  await assert.rejects(migrate(home), /worker works on this etcd: end all its servers first/);
  await withServer(dataDir, (client) => client.delete(Lease, 'kube-system', 'kube-scheduler'));
});

test('back into the data directory it came from', async () => {
  const there = await contents(dataDir);
  await assert.rejects(migrate({ dataDir, to: { dataDir }, replace: false }), /holds a cluster/);
  const { revision } = await migrate({ dataDir, to: { dataDir }, replace: true });
  assert.equal(readConfig(dataDir)?.etcd, undefined);
  assert.ok(revision > there.revision);
  const back = await contents(dataDir);
  assert.deepEqual([back.maps, back.events], [there.maps, there.events]);
  await assertForgotten(dataDir, there.revision);
});

test('one that was broken off is not worked on, and can be begun anew', async () => {
  const etcd = { servers: (await started).urls, prefix: '/broken' };
  await (await started).ctl('put', '/broken/kubecfg/agreement', '{"portalNet":"10.0.0.0/16","incomplete":true}');
  const broken = newCluster('broken', '10.0.0.0/16');
  writeConfig(broken, { ...readConfig(broken)!, etcd });
  await assert.rejects(
    withServer(broken, async () => {}),
    /a migration into this etcd goes on, or was broken off/,
  );
  await migrate({ dataDir, to: { etcd }, replace: true });
  await withServer(broken, (client) => client.get(ConfigMap, 'default', 'm-1'));
});
