import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../core/cli/base.ts';
import { writeColumns } from '../../core/cli/printers/columns.ts';
import { printStructured } from '../../core/cli/printers/structured.ts';
import { countResources } from '../../core/cli/snapshot-text.ts';

export default class SnapshotStatus extends BaseCommand {
  static override group = 'Cluster' as const;
  static override summary = 'Show what a snapshot holds';
  static override description = 'The whole file is read and checked first, as verify does.';
  static override completes = 'file' as const;
  static override args = { file: Args.string({ required: true, description: 'file to read' }) };
  static override flags = {
    output: Flags.option({
      char: 'o',
      options: ['json', 'yaml'] as const,
      description: 'all there is, in that form',
    })(),
  };
  static override examples = ['<%= config.bin %> snapshot status backup.snapshot'];

  async run(): Promise<void> {
    const { flags, args } = await this.parse(SnapshotStatus);
    const { readSnapshotFile } = await import('../../core/cluster/snapshots.ts');
    const snapshot = await readSnapshotFile(args.file);
    const { head, bytes, sha256 } = snapshot;
    const { format, revision, keys, createdAt, version, cluster } = head;
    const resources = countResources(snapshot);
    if (flags.output) {
      const all = { format, revision, keys, bytes, sha256, createdAt, version, cluster, resources };
      this.context.stdout.write(await printStructured(all, flags.output));
      return;
    }
    const { name = '-' } = (cluster ?? {}) as { name?: string };
    const facts = { cluster: name, 'created at': createdAt, by: version, revision, keys, bytes, sha256 };
    for (const [key, value] of Object.entries(facts)) this.print(`${`${key}:`.padEnd(12)}${value}`);
    const rows = Object.entries(resources).map(([resource, count]) => [resource, String(count)]);
    this.print(`\n${writeColumns([['RESOURCE', 'KEYS'], ...rows]).trimEnd()}`);
  }
}
