import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand, clusterFlags } from '../core/cli/base.ts';
import { UsageError } from '../core/cli/errors.ts';
import { clusterOf, reportTo } from '../core/cli/local.ts';

export default class Halt extends BaseCommand {
  static override group = 'Cluster' as const;
  static override summary = 'Stop the local cluster, or one of its machines; data stays';
  static override description =
    "Without a machine, containers and daemon are stopped and 'up' brings all back. With one, its pods move to the other machines; --force stops it as a crash would, and the cluster has to find out by itself.";
  static override args = {
    machine: Args.string({ ignoreStdin: true, description: 'stop this machine only, such as core-02' }),
  };
  static override flags = {
    ...clusterFlags,
    force: Flags.boolean({ char: 'f', description: 'as a crash: kill, and tell nobody' }),
  };
  static override examples = [
    '<%= config.bin %> halt',
    '<%= config.bin %> halt core-02',
    '<%= config.bin %> halt --force core-02',
  ];

  async run(): Promise<void> {
    const { flags, args } = await this.parse(Halt);
    const { dataDir, name } = clusterOf(flags);
    const { halt, haltMachine } = await import('../core/cluster/lifecycle.ts');
    const report = reportTo(this.context, name);
    if (args.machine) return haltMachine(dataDir, args.machine, flags.force, report);
    if (flags.force) throw new UsageError('--force crashes one machine: name it, such as core-02');
    report({ message: (await halt(dataDir, report)) ? 'halted' : 'does not run' });
  }
}
