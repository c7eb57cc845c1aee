import { resolve } from 'node:path';
import * as Flags from '@oclif/core/flags';
import { BaseCommand, clusterFlags } from '../core/cli/base.ts';
import { UsageError } from '../core/cli/errors.ts';
import { clusterOf } from '../core/cli/local.ts';
import { storeFlags, storeWishOf } from '../core/cli/store-flags.ts';
import type { Destination } from '../core/cluster/migrate.ts';

const { store: _, 'etcd-servers': __, ...etcdFlags } = storeFlags;

export default class Migrate extends BaseCommand {
  static override group = 'Cluster' as const;
  static override summary = 'Move the state of a cluster into etcd, or out of it';
  static override description =
    "The cluster must not run, nor any other server of its etcd. All of its state is written to the new place and compared with the old one, object by object, before the cluster is told; what is in the old place stays there. Revisions go on far above the old ones: clients that knew the cluster are told to list again. 'kubecfg up' then goes on with it. Into another data directory the cluster's record is copied.";
  static override flags = {
    'data-dir': clusterFlags['data-dir'],
    name: clusterFlags.name,
    to: Flags.string({
      required: true,
      helpValue: 'etcd:URL,…|embedded:DIR',
      description: 'members of an etcd, or a data directory',
    }),
    replace: Flags.boolean({ description: 'also where there is state already' }),
    ...etcdFlags,
  };
  static override examples = [
    '<%= config.bin %> migrate --to etcd:http://127.0.0.1:2379',
    '<%= config.bin %> migrate --to embedded:$HOME/.kubecfg/kubecfg',
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(Migrate);
    const { dataDir } = clusterOf(flags);
    const to = destinationOf(flags);
    const { migrate } = await import('../core/cluster/migrate.ts');
    const { keys, revision } = await migrate({ dataDir, to, replace: flags.replace });
    this.print(`${flags.to}: ${keys} keys moved and compared, going on at revision ${revision}`);
  }
}

function destinationOf({ to, ...flags }: { to: string } & Parameters<typeof storeWishOf>[0]): Destination {
  const [, kind, where = ''] = /^(etcd|embedded):(.+)$/.exec(to) ?? [];
  if (kind === 'embedded') return { dataDir: resolve(where) };
  const etcd = kind === 'etcd' && storeWishOf({ ...flags, 'etcd-servers': where });
  if (!etcd) throw new UsageError(`--to ${to}: neither etcd:URL,… nor embedded:DIR`);
  return { etcd };
}
