import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import * as Args from '@oclif/core/args';
import { BaseCommand, clusterFlags } from '../core/cli/base.ts';
import { CliError } from '../core/cli/errors.ts';
import { clusterOf } from '../core/cli/local.ts';

export default class Ssh extends BaseCommand {
  static override group = 'Cluster' as const;
  static override summary = 'Go into a local machine, or run a command there';
  static override description =
    "An isolated machine has its own network, files and Docker engine; a shared one is this host, and what runs there is only told its name and address. The exit code is the command's.";
  static override usage = 'MACHINE [-- COMMAND ARG...]';
  static override args = { machine: Args.string({ required: true, description: 'such as core-01' }) };
  static override flags = { ...clusterFlags };
  static override examples = ['<%= config.bin %> ssh core-01', '<%= config.bin %> ssh core-02 -- docker ps'];

  async run(): Promise<void> {
    const { flags, args } = await this.parse(Ssh);
    const { dataDir } = clusterOf(flags);
    const { enter } = await import('../core/cluster/lifecycle.ts');
    const entrance = await enter(dataDir, args.machine);
    const inside = this.afterDashes.length > 0 ? [...this.afterDashes] : [process.env['SHELL'] || '/bin/sh'];
    const [program = '', ...words] = entrance.command(inside);
    const env = { ...process.env, ...entrance.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
    const code = await new Promise<number>((resolve, reject) => {
      const child = spawn(program, words, { stdio: 'inherit', env });
      child.on('error', reject);
      // As shells say it when a signal ended the command.
      child.on('exit', (exit, signal) => resolve(exit ?? 128 + constants.signals[signal!]));
    });
    if (code !== 0) throw new CliError('', { exitCode: code });
  }
}
