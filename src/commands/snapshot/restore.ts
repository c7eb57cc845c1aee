import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand, clusterFlags } from '../../core/cli/base.ts';
import { clusterOf } from '../../core/cli/local.ts';

export default class SnapshotRestore extends BaseCommand {
  static override group = 'Cluster' as const;
  static override summary = 'Make a cluster out of a snapshot';
  static override description =
    "The file is checked before anything is touched, and the new state is read back before it takes its place. 'kubecfg up' then starts it. Revisions go on far above those of the snapshot: clients that knew the old cluster are told to list again. The record of the cluster (machines, address ranges) comes from the snapshot too.";
  static override completes = 'file' as const;
  static override args = { file: Args.string({ required: true, description: 'file to read' }) };
  static override flags = {
    'data-dir': clusterFlags['data-dir'],
    name: clusterFlags.name,
    replace: Flags.boolean({
      description: 'also where there is a cluster already; its store is kept beside the new one',
    }),
  };
  static override examples = [
    '<%= config.bin %> snapshot restore backup.snapshot --data-dir ~/.kubecfg/again',
    '<%= config.bin %> snapshot restore backup.snapshot --replace',
  ];

  async run(): Promise<void> {
    const { flags, args } = await this.parse(SnapshotRestore);
    const { dataDir } = clusterOf(flags);
    const { readSnapshotFile, restore } = await import('../../core/cluster/snapshots.ts');
    const snapshot = await readSnapshotFile(args.file);
    const { replace, name } = flags;
    const { revision, before } = await restore(snapshot, { dataDir, name, replace, now: this.context.clock.now() });
    this.print(`${dataDir}: restored ${snapshot.head.keys} keys, going on at revision ${revision}`);
    if (before) this.print(`the store before is kept as ${before}`);
  }
}
