/**
 * The store on an etcd cluster, which several servers may share. engine.ts tells how.
 * May import core/async, the contract in ../store.ts with the shared feed, etcd3 and cockatiel.
 */
import { readFileSync } from 'node:fs';
import type { Clock } from '../../async/clock.ts';
import type { Logger } from '../../async/log.ts';
import type { Random } from '../../async/random.ts';
import type { Store } from '../store.ts';

export interface EtcdStoreOptions {
  /** Addresses of members, such as http://127.0.0.1:2379. */
  servers: readonly string[];
  /** Where the keys lie in etcd, in place of `root` with which all keys of the store begin. */
  prefix?: string | undefined;
  root?: string;
  /** Files: the authority of the members' certificates, and this client's certificate. */
  caFile?: string | undefined;
  certFile?: string | undefined;
  keyFile?: string | undefined;
  username?: string | undefined;
  password?: string | undefined;
  /** How long a call may take, with what is tried again; a little more than etcd itself takes for one. */
  requestTimeoutMs?: number;
  /** How long one member has to answer before another is asked what either could answer. */
  memberTimeoutMs?: number;
  /** History is kept for one to two of these; 5 minutes as with kube-apiserver's --etcd-compaction-interval. */
  compactionIntervalMs?: number;
  clock: Clock;
  random: Random;
  log: Logger;
}

/** Rejects when no member answers, or one refuses the credentials. */
export async function openEtcdStore(options: EtcdStoreOptions): Promise<Store> {
  const { servers, root = '/registry', prefix = root, caFile, certFile, keyFile, username, password } = options;
  const { requestTimeoutMs = 10_000, memberTimeoutMs = 3_000, compactionIntervalMs = 5 * 60_000 } = options;
  const { clock, random, log } = options;
  // Loaded only when needed: a client of etcd is more code than the rest of the store.
  const { EtcdStore } = await import('./engine.ts');
  const read = (file: string | undefined) => (file === undefined ? undefined : readFileSync(file));
  return EtcdStore.open({
    addresses: servers,
    credentials: { ca: read(caFile), cert: read(certFile), key: read(keyFile), username, password },
    ...{ prefix, root, requestTimeoutMs, memberTimeoutMs, compactionIntervalMs, clock, random, log },
  });
}
