/** Which store keeps a cluster's state: the one in its data directory, or an etcd cluster. */
import { readFileSync } from 'node:fs';
import type { Clock } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import type { Random } from '../async/random.ts';
import type { Store } from '../store/store.ts';
import type { HistoryLimits } from './cluster.ts';
import type { ClusterConfig, EtcdRecord } from './config.ts';
import { paths } from './paths.ts';

/** What the user said of the store: an etcd, or `false` for the embedded one; undefined when nothing. */
export type StoreWish = EtcdRecord | false | undefined;

/** The password of the etcd user, where no file is named: command lines are for everybody to read. */
const passwordVariable = 'KUBECFG_ETCD_PASSWORD';

/** An etcd may be reached in another way than before; its state cannot become that of another store by a flag. */
export function applyStoreWish(config: ClusterConfig, wish: StoreWish): void {
  if (wish === undefined) return;
  if (!wish !== !config.etcd) {
    const kept = config.etcd ? `in etcd at ${config.etcd.servers.join()}` : 'in the embedded store';
    throw new Error(`cluster ${config.name} keeps its state ${kept}; 'destroy' it first, or take another --data-dir`);
  }
  if (wish) config.etcd = wish;
}

export async function openStore(
  { etcd }: ClusterConfig,
  dataDir: string,
  deps: { clock: Clock; random: Random; log: Logger } & HistoryLimits,
): Promise<Store> {
  const { openEmbeddedStore, openEtcdStore } = await import('../store/index.ts');
  if (!etcd) return openEmbeddedStore({ dir: paths(dataDir).store, ...deps });
  const { passwordFile, ...options } = etcd;
  // History by number of revisions is not for one of several servers to cut: other keys' revisions count as well.
  const { compactionKeepRevisions, ...common } = deps;
  return openEtcdStore({ ...options, ...(etcd.username && { password: passwordOf(etcd) }), ...common });
}

function passwordOf({ username, passwordFile }: EtcdRecord): string {
  if (passwordFile) return readFileSync(passwordFile, 'utf8').replace(/\r?\n$/, '');
  const password = process.env[passwordVariable];
  if (password !== undefined) return password;
  throw new Error(`the password of etcd's user ${username} is missing: --etcd-password-file, or $${passwordVariable}`);
}

/** What all servers on one etcd have to do alike. */
const agreementKey = '/registry/kubecfg/agreement';

/** The first server leaves there how it does it, the others take that over. Whether the record was changed by it. */
export async function agree(store: Store, config: ClusterConfig): Promise<boolean> {
  const { portalNet } = config;
  const { succeeded, results } = await store.txn({
    compare: [{ key: agreementKey, target: 'version', is: '=', value: 0 }],
    then: [{ type: 'put', key: agreementKey, value: Buffer.from(JSON.stringify({ portalNet })) }],
    else: [{ type: 'get', key: agreementKey }],
  });
  if (!succeeded) Object.assign(config, JSON.parse(results[0]!.kv!.value.toString()));
  return config.portalNet !== portalNet;
}
