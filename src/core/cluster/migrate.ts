/**
 * Moves the state of a cluster that does not run between the embedded store and etcd. The new place is filled, compared
 * with the old one object by object, and only then becomes the cluster's; the old one is left as it was. Revisions go on
 * far above all that the old store may have handed out, and everything before counts as compacted.
 */
import { Lease } from '../api/kinds/index.ts';
import { timestamp } from '../api/time.ts';
import { isObject } from '../apiserver/paths/snapshot.ts';
import { registry } from '../apiserver/resource.ts';
import { realClock } from '../async/clock.ts';
import { silentLog } from '../async/log.ts';
import { systemRandom } from '../async/random.ts';
import { revisionAfter, type Snapshot } from '../store/snapshot/index.ts';
import type { KeyValue, Op, Store } from '../store/store.ts';
import { type ClusterConfig, type EtcdRecord, readConfig, writeConfig } from './config.ts';
import { runningDaemon } from './paths.ts';
import { openAtRest, restore } from './snapshots.ts';
import { openEtcd, putAgreement } from './store.ts';

export type Destination = { etcd: EtcdRecord } | { dataDir: string };

export interface MigrateOptions {
  dataDir: string;
  to: Destination;
  /** Whether state that is there may be replaced. */
  replace: boolean;
}

export interface Migrated {
  keys: number;
  /** The new store's first revision. */
  revision: number;
}

export async function migrate({ dataDir, to, replace }: MigrateOptions): Promise<Migrated> {
  const config = readConfig(dataDir);
  if (!config) throw new Error(`there is no cluster in ${dataDir}`);
  if (runningDaemon(dataDir)) throw new Error(`the cluster in ${dataDir} runs: end it with 'kubecfg halt' first`);
  const state = await readState(dataDir, config);
  if ('etcd' in to) return { keys: state.kvs.length, revision: await toEtcd(state, { dataDir, config, to, replace }) };
  const { etcd: _, ...record } = config;
  const now = realClock.now();
  const options = { dataDir: to.dataDir, replace, now, comesHome: to.dataDir === dataDir };
  const { revision } = await restore(asSnapshot(state, record, now), options);
  return { keys: state.kvs.length, revision };
}

interface State {
  revision: number;
  kvs: KeyValue[];
}

async function readState(dataDir: string, config: ClusterConfig): Promise<State> {
  const store = await openAtRest(dataDir, config);
  try {
    const { kvs, revision } = await store.range({ prefix: registry });
    if (config.etcd) refuseIfServed(kvs, realClock.now());
    return { kvs: kvs.filter(isObject), revision };
  } finally {
    await store.close();
  }
}

/** What servers on the same etcd would still write would be lost. They renew their leases as long as they run. */
function refuseIfServed(kvs: readonly KeyValue[], now: number): void {
  for (const { key, value } of kvs) {
    if (!key.startsWith(`${registry}${Lease.plural}/kube-system/`)) continue;
    const { spec = {} } = JSON.parse(value.toString()) as Partial<Lease>;
    const { holderIdentity, renewTime, leaseDurationSeconds = 0 } = spec;
    if (!holderIdentity || !renewTime || Date.parse(renewTime) + leaseDurationSeconds * 1000 < now) continue;
    throw new Error(
      `${holderIdentity} works on this etcd: end all its servers first, or wait ${leaseDurationSeconds} s`,
    );
  }
}

function asSnapshot({ revision, kvs }: State, cluster: ClusterConfig, now: number): Snapshot {
  const head = { snapshot: 'kubecfg' as const, format: 1, revision, keys: kvs.length, version: '', cluster };
  return { head: { ...head, createdAt: timestamp(now) }, kvs, bytes: 0, sha256: '' };
}

/** etcd takes 128 operations in a transaction, and 1.5 MB in a request. */
const opsMax = 100;
const bytesMax = 512 * 1024;

interface ToEtcd {
  dataDir: string;
  config: ClusterConfig;
  to: { etcd: EtcdRecord };
  replace: boolean;
}

async function toEtcd(state: State, { dataDir, config, to, replace }: ToEtcd): Promise<number> {
  const { portalNet } = config;
  const deps = { clock: realClock, random: systemRandom, log: silentLog };
  const store = await openEtcd(to.etcd, deps);
  try {
    if (replace) await store.txn({ then: [{ type: 'deletePrefix', prefix: registry }] });
    if ((await store.range({ prefix: registry, limit: 1 })).count > 0) {
      const where = `${to.etcd.servers.join()} below ${to.etcd.prefix ?? '/registry'}`;
      throw new Error(`there is state in etcd at ${where}: name another --etcd-prefix, or say --replace`);
    }
    // No server begins to work on it before it is complete.
    await store.txn({ then: [putAgreement({ portalNet, incomplete: true })] });
    for (const ops of batches(state.kvs, realClock.now())) await store.txn({ then: ops });
    await compare(store, state.kvs);
    const offset = revisionAfter({ revision: state.revision, createdAt: timestamp(realClock.now()) }, realClock.now());
    const { revision } = await store.txn({ then: [putAgreement({ portalNet, revisionOffset: offset })] });
    await store.compact(revision);
    writeConfig(dataDir, { ...config, etcd: to.etcd });
    return revision + offset;
  } finally {
    await store.close();
  }
}

function* batches(kvs: readonly KeyValue[], now: number): Generator<Op[]> {
  let ops: Op[] = [];
  let bytes = 0;
  for (const { key, value, expiresAt } of kvs) {
    const ttlSeconds = expiresAt === undefined ? undefined : Math.max(1, Math.ceil((expiresAt - now) / 1000));
    if (ops.length === opsMax || (ops.length > 0 && bytes + value.length > bytesMax)) {
      yield ops;
      [ops, bytes] = [[], 0];
    }
    ops.push({ type: 'put', key, value, ...(ttlSeconds !== undefined && { ttlSeconds }) });
    bytes += value.length;
  }
  if (ops.length > 0) yield ops;
}

async function compare(store: Store, kvs: readonly KeyValue[]): Promise<void> {
  const found = new Map((await store.range({ prefix: registry })).kvs.filter(isObject).map((kv) => [kv.key, kv]));
  for (const { key, value, expiresAt } of kvs) {
    const kv = found.get(key);
    // What was to expire soon may have.
    if (!kv && expiresAt !== undefined) continue;
    if (!kv?.value.equals(value)) throw new Error(`${key} did not come into etcd as it was`);
    found.delete(key);
  }
  const [foreign] = found.keys();
  if (foreign) throw new Error(`somebody else writes into this etcd: ${foreign}`);
}
