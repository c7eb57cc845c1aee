import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../core/cli/base.ts';
import { describeSnapshot } from '../../core/cli/snapshot-text.ts';

export default class SnapshotVerify extends BaseCommand {
  static override group = 'Cluster' as const;
  static override summary = 'Check that a file is one whole, undamaged snapshot';
  static override description = 'Exit code 0 when it is, else 1.';
  static override completes = 'file' as const;
  static override args = { file: Args.string({ required: true, description: 'file to read' }) };
  static override examples = ['<%= config.bin %> snapshot verify backup.snapshot'];

  async run(): Promise<void> {
    const { args } = await this.parse(SnapshotVerify);
    const { readSnapshotFile } = await import('../../core/cluster/snapshots.ts');
    this.print(`${args.file}: good, ${describeSnapshot(await readSnapshotFile(args.file))}`);
  }
}
