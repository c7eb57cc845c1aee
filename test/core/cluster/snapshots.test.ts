/** Clusters made of snapshots: what comes back, what is refused, and what clients of the old cluster see. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ConfigMap } from '../../../src/core/api/kinds/index.ts';
import { type ApiServer, createApiServer } from '../../../src/core/apiserver/index.ts';
import { realClock } from '../../../src/core/async/clock.ts';
import { silentLog } from '../../../src/core/async/log.ts';
import { seededRandom } from '../../../src/core/async/random.ts';
import { Client } from '../../../src/core/client/client.ts';
import { type ClusterConfig, newMachine, readConfig, writeConfig } from '../../../src/core/cluster/config.ts';
import { paths } from '../../../src/core/cluster/paths.ts';
import { readSnapshotFile, restore, snapshotAtRest, writeSnapshotFile } from '../../../src/core/cluster/snapshots.ts';
import { openEmbeddedStore } from '../../../src/core/store/index.ts';

let root: string;
before(() => {
  root = mkdtempSync(join(tmpdir(), 'kubecfg-snapshots-'));
});
after(() => rmSync(root, { recursive: true, force: true }));

const nets = { portalNet: '10.0.0.0/16', podNet: '10.244.0.0/16', machineNet: '172.17.8.0/24' };
const record = (name: string): ClusterConfig => ({
  format: 1,
  name,
  runtime: 'hollow',
  port: 8080,
  ...nets,
  machines: [{ ...newMachine(nets, 1), machineID: 'fe60cf7f47342469226c375b9fe7510c' }],
});

/** An API server on the store of a data directory. */
async function withServer<T>(dataDir: string, use: (client: Client, server: ApiServer) => Promise<T>): Promise<T> {
  const options = { clock: realClock, log: silentLog };
  const store = await openEmbeddedStore({ ...options, dir: paths(dataDir).store });
  const random = seededRandom(1);
  const server = await createApiServer({ ...options, ...nets, store, random, clusterRecord: () => record('a') });
  try {
    return await use(new Client(server.transport), server);
  } finally {
    await server.close();
    await store.close();
  }
}

const configMap = (name: string, text = name) => ({ metadata: { name, namespace: 'default' }, data: { text } });
const now = Date.now();
const at = { now, replace: false };

/** A data directory with `names` in it, at rest. */
async function dataDirWith(name: string, ...names: string[]): Promise<string> {
  const dataDir = join(root, name);
  writeConfig(dataDir, record(name));
  await withServer(dataDir, async (client) => {
    for (const one of names) await client.create(ConfigMap, configMap(one));
  });
  return dataDir;
}

test('a restored cluster has every object as it was, under the record of the old one', async () => {
  const old = await dataDirWith('whole', 'x', 'y');
  const file = join(root, 'whole.snapshot');
  await writeSnapshotFile(file, snapshotAtRest(old));
  const dataDir = join(root, 'whole-again');
  await restore(await readSnapshotFile(file), { dataDir, ...at });
  const list = (dir: string) => withServer(dir, async (client) => (await client.list(ConfigMap)).items);
  assert.deepEqual(await list(dataDir), await list(old));
  assert.deepEqual(readConfig(dataDir), record('whole'));
  assert.deepEqual(readdirSync(dataDir).sort(), ['cluster.json', 'store']);
});

test('whoever knew a later state is told to list again, and no revision comes twice', async () => {
  const old = await dataDirWith('later', 'x');
  const file = join(root, 'later.snapshot');
  const { head } = await writeSnapshotFile(file, snapshotAtRest(old));
  // Goes on after the snapshot.
  const later = await withServer(old, (client) => client.create(ConfigMap, configMap('lost')));
  const dataDir = join(root, 'later-again');
  const { revision } = await restore(await readSnapshotFile(file), { dataDir, ...at });
  assert.ok(revision > Number(later.metadata.resourceVersion));
  await withServer(dataDir, async (client) => {
    for (const resourceVersion of [String(head.revision), later.metadata.resourceVersion]) {
      const events = client.watch(ConfigMap, 'default', { resourceVersion }, AbortSignal.timeout(10_000));
      await assert.rejects(events[Symbol.asyncIterator]().next(), { reason: 'Expired', code: 410 });
      const exact = { resourceVersion, resourceVersionMatch: 'Exact' } as const;
      await assert.rejects(client.list(ConfigMap, 'default', exact), { reason: 'Expired', code: 410 });
    }
    const fresh = await client.create(ConfigMap, configMap('fresh'));
    assert.ok(Number(fresh.metadata.resourceVersion) > revision);
  });
});

test('a snapshot taken while writes go on shows one moment', async () => {
  const dataDir = await dataDirWith('busy');
  const snapshot = await withServer(dataDir, async (client, server) => {
    await server.listen({ host: '127.0.0.1', port: 0 });
    const creates = Array.from({ length: 300 }, (_, i) =>
      client.create(ConfigMap, configMap(`c-${i}`, 'x'.repeat(2000))),
    );
    const bytes = server.transport.download('/kubecfg/snapshot', AbortSignal.timeout(10_000));
    const [taken, ...made] = await Promise.all([writeSnapshotFile(join(root, 'busy.snapshot'), bytes), ...creates]);
    const expected = made.filter(({ metadata }) => Number(metadata.resourceVersion) <= taken.head.revision);
    assert.equal(taken.kvs.filter(({ key }) => key.startsWith('/registry/configmaps/')).length, expected.length);
    return taken;
  });
  assert.deepEqual(snapshot.head.cluster, record('a'));
});

test('a cluster that is there stays, unless told otherwise; then its store is kept, and revisions go on above it', async () => {
  const source = await dataDirWith('source', 'x');
  const file = join(root, 'source.snapshot');
  const snapshot = await writeSnapshotFile(file, snapshotAtRest(source));
  const dataDir = await dataDirWith('there', 'mine');
  const stored = readFileSync(join(paths(dataDir).store, 'store.mdb'));
  await assert.rejects(restore(snapshot, { dataDir, ...at }), /holds a cluster: choose another --data-dir/);
  assert.deepEqual(readFileSync(join(paths(dataDir).store, 'store.mdb')), stored);

  const first = await restore(snapshot, { dataDir, now, replace: true });
  assert.ok(first.before);
  const kept = readFileSync(first.before);
  const again = await restore(snapshot, { dataDir, now, replace: true });
  assert.ok(again.revision > first.revision);
  assert.deepEqual(readConfig(dataDir), record('there'), 'it keeps its name');
  const names = () =>
    withServer(dataDir, async (client) => (await client.list(ConfigMap)).items.map(({ metadata }) => metadata.name));
  assert.deepEqual(await names(), ['x']);
  writeFileSync(join(paths(dataDir).store, 'store.mdb'), kept);
  assert.deepEqual(await names(), ['mine']);
});

test('a store in use is not replaced; one that cannot be read is', async () => {
  const dataDir = await dataDirWith('used', 'x');
  const snapshot = await writeSnapshotFile(join(root, 'used.snapshot'), snapshotAtRest(dataDir));
  await withServer(dataDir, async () => {
    await assert.rejects(restore(snapshot, { dataDir, now, replace: true }), { name: 'StoreLockedError' });
  });
  writeFileSync(join(paths(dataDir).store, 'store.mdb'), 'not any more');
  await restore(snapshot, { dataDir, now, replace: true });
  await withServer(dataDir, (client) => client.get(ConfigMap, 'default', 'x'));
});

test('a wrong file leaves nothing behind', async () => {
  const file = join(root, 'wrong.snapshot');
  await assert.rejects(readSnapshotFile(file), { code: 'ENOENT' });
  writeFileSync(file, 'good');
  const cut = async function* () {
    yield Buffer.from('{"snapshot":"kubecfg","format":1,"revision":1,"keys":1}\n');
  };
  await assert.rejects(writeSnapshotFile(file, cut()), /was cut short/);
  assert.equal(readFileSync(file, 'utf8'), 'good');
  assert.ok(!existsSync(`${file}.partial`));
  const dataDir = join(root, 'newer');
  const head = { snapshot: 'kubecfg' as const, format: 1, revision: 1, keys: 0, createdAt: '', version: '' };
  const newer = { head: { ...head, cluster: { format: 2 } }, kvs: [], bytes: 0, sha256: '' };
  await assert.rejects(restore(newer, { dataDir, ...at }), /the record in the snapshot has format 2/);
  assert.ok(!existsSync(dataDir));
});
