/** The flags that say where a cluster's state is kept, with kube-apiserver's names. */
import { posix, resolve } from 'node:path';
import * as Flags from '@oclif/core/flags';
import type { EtcdRecord } from '../cluster/config.ts';
import type { StoreWish } from '../cluster/store.ts';
import { UsageError } from './errors.ts';

export const storeFlags = {
  store: Flags.option({
    options: ['embedded', 'etcd'] as const,
    description: 'what keeps the state (default embedded, in the data directory)',
  })(),
  'etcd-servers': Flags.string({ helpValue: 'URL,…', description: 'members of the etcd that keeps the state' }),
  'etcd-prefix': Flags.string({
    helpValue: 'PATH',
    description: 'what all keys begin with in etcd (default /registry)',
  }),
  'etcd-cafile': Flags.string({ helpValue: 'FILE', description: "authority of etcd's certificates" }),
  'etcd-certfile': Flags.string({ helpValue: 'FILE', description: 'certificate to show to etcd' }),
  'etcd-keyfile': Flags.string({ helpValue: 'FILE', description: 'key of that certificate' }),
  'etcd-username': Flags.string({
    helpValue: 'NAME',
    description: 'user of etcd, with the password in $KUBECFG_ETCD_PASSWORD or a file',
  }),
  'etcd-password-file': Flags.string({ helpValue: 'FILE', description: "file that holds the etcd user's password" }),
};

type StoreFlagValues = { store?: 'embedded' | 'etcd' | undefined } & {
  [name in Exclude<keyof typeof storeFlags, 'store'>]?: string | undefined;
};

/** Naming etcd's servers is enough to want it. */
export function storeWishOf(flags: StoreFlagValues): StoreWish {
  const { store, 'etcd-servers': servers } = flags;
  if (servers === undefined) {
    const lonely = Object.keys(storeFlags).find((name) => name.startsWith('etcd-') && name in flags);
    if (lonely || store === 'etcd') throw new UsageError(`--${lonely ?? 'store etcd'} needs --etcd-servers`);
    return store === 'embedded' ? false : undefined;
  }
  if (store === 'embedded') throw new UsageError('--store embedded has no --etcd-servers');
  const file = (name: 'cafile' | 'certfile' | 'keyfile' | 'password-file') => {
    const path = flags[`etcd-${name}`];
    return path === undefined ? undefined : resolve(path);
  };
  if ((flags['etcd-certfile'] === undefined) !== (flags['etcd-keyfile'] === undefined)) {
    throw new UsageError('--etcd-certfile and --etcd-keyfile belong together');
  }
  const prefix = flags['etcd-prefix'];
  const record = {
    servers: serversOf(servers),
    prefix: prefix === undefined ? undefined : posix.join('/', prefix).replace(/\/$/, ''),
    caFile: file('cafile'),
    certFile: file('certfile'),
    keyFile: file('keyfile'),
    username: flags['etcd-username'],
    passwordFile: file('password-file'),
  };
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as unknown as EtcdRecord;
}

function serversOf(text: string): string[] {
  const servers = text.split(',').map((server) => server.trim().replace(/\/$/, ''));
  for (const server of servers) {
    if (!/^https?:\/\/[^/\s]+:\d+$/.test(server)) {
      throw new UsageError(`--etcd-servers: ${JSON.stringify(server)} is not an address such as http://127.0.0.1:2379`);
    }
  }
  if (new Set(servers.map((server) => server.split(':')[0])).size > 1) {
    throw new UsageError('--etcd-servers: either all are reached by https, or none');
  }
  return servers;
}
