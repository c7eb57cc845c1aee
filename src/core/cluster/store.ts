/** Which store keeps a cluster's state: the one in its data directory, or an etcd cluster. */
import { readFileSync } from 'node:fs';
import { ownKeys } from '../apiserver/resource.ts';
import type { Clock } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import type { Random } from '../async/random.ts';
import { shifted } from '../store/shifted.ts';
import type { Op, Store } from '../store/store.ts';
import type { HistoryLimits } from './cluster.ts';
import type { ClusterConfig, EtcdRecord } from './config.ts';
import { paths } from './paths.ts';

/** What the user said of the store: an etcd, or `false` for the embedded one; undefined when nothing. */
export type StoreWish = EtcdRecord | false | undefined;

type StoreDeps = { clock: Clock; random: Random; log: Logger } & HistoryLimits;

/** The password of the etcd user, where no file is named: command lines are for everybody to read. */
const passwordVariable = 'KUBECFG_ETCD_PASSWORD';

/** An etcd may be reached in another way than before; its state cannot become that of another store by a flag. */
export function applyStoreWish(config: ClusterConfig, wish: StoreWish): void {
  if (wish === undefined) return;
  if (!wish !== !config.etcd) {
    const kept = config.etcd ? `in etcd at ${config.etcd.servers.join()}` : 'in the embedded store';
    throw new Error(`cluster ${config.name} keeps its state ${kept}; 'kubecfg migrate' moves it`);
  }
  if (wish) config.etcd = wish;
}

/** An etcd's servers agree on the portal net; the record then is changed to that. */
export async function openStore(config: ClusterConfig, dataDir: string, deps: StoreDeps): Promise<Store> {
  const { etcd } = config;
  const { openEmbeddedStore } = await import('../store/index.ts');
  if (!etcd) return openEmbeddedStore({ dir: paths(dataDir).store, ...deps });
  const store = await openEtcd(etcd, deps);
  try {
    return await agree(store, config);
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The store on an etcd by itself, with etcd's own revisions. */
export async function openEtcd(etcd: EtcdRecord, deps: StoreDeps): Promise<Store> {
  const { openEtcdStore } = await import('../store/index.ts');
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
interface Agreement {
  portalNet: string;
  /** What the store's revisions are higher by than etcd's own, since its state came from another store. */
  revisionOffset?: number;
  /** A migration that has not come to its end. */
  incomplete?: boolean;
}

const agreementKey = `${ownKeys}agreement`;

/** The first server leaves there how it does it, the others take that over. */
async function agree(store: Store, config: ClusterConfig): Promise<Store> {
  const mine: Agreement = { portalNet: config.portalNet };
  const { succeeded, results } = await store.txn({
    compare: [{ key: agreementKey, target: 'version', is: '=', value: 0 }],
    then: [putAgreement(mine)],
    else: [{ type: 'get', key: agreementKey }],
  });
  const agreed: Agreement = succeeded ? mine : JSON.parse(results[0]!.kv!.value.toString());
  if (agreed.incomplete) {
    throw new Error(
      "a migration into this etcd goes on, or was broken off: 'kubecfg migrate --replace' begins it anew",
    );
  }
  config.portalNet = agreed.portalNet;
  return agreed.revisionOffset ? shifted(store, agreed.revisionOffset) : store;
}

export const putAgreement = (agreement: Agreement): Op => ({
  type: 'put',
  key: agreementKey,
  value: Buffer.from(JSON.stringify(agreement)),
});
