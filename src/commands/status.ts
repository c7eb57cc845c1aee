import * as Flags from '@oclif/core/flags';
import { BaseCommand, clusterFlags } from '../core/cli/base.ts';
import { CliError } from '../core/cli/errors.ts';
import { clusterOf } from '../core/cli/local.ts';
import { writeColumns } from '../core/cli/printers/columns.ts';
import type { ClusterStatus } from '../core/cluster/status.ts';

export default class Status extends BaseCommand {
  static override group = 'Cluster' as const;
  static override summary = 'Show whether the local cluster runs, where, and its machines';
  static override description = 'Exit code 0 when it runs with every machine that was not halted ready, else 1.';
  static override flags = {
    ...clusterFlags,
    output: Flags.option({
      char: 'o',
      options: ['json', 'yaml'] as const,
      description: 'all there is, in that form',
    })(),
  };
  static override examples = ['<%= config.bin %> status', '<%= config.bin %> status -o json'];

  async run(): Promise<void> {
    const { flags } = await this.parse(Status);
    const { dataDir, name } = clusterOf(flags);
    const { status } = await import('../core/cluster/lifecycle.ts');
    const cluster = await status(dataDir);
    if (!cluster) throw new CliError(`there is no cluster ${name} in ${dataDir}`, { hint: "'kubecfg up' makes one." });
    if (flags.output) {
      const { toJson, yamlPrinter } = await import('../core/cli/printers/structured.ts');
      const print = flags.output === 'json' ? toJson : await yamlPrinter();
      this.context.stdout.write(print(cluster));
    } else {
      this.print(describe(cluster));
    }
    const bad = cluster.machines.filter((machine) => machine.state === 'not ready').map((machine) => machine.name);
    if (cluster.state !== 'running') throw new CliError('');
    if (bad.length > 0) throw new CliError(`not ready: ${bad.join(', ')}`);
  }
}

function describe(cluster: ClusterStatus): string {
  const facts = [
    ['cluster', cluster.name],
    ['state', cluster.pid > 0 ? `running (pid ${cluster.pid}, ${megabytes(cluster.memory)} MB)` : cluster.state],
    ['server', cluster.server || '-'],
    ['data', cluster.dataDir],
    ['runtime', cluster.runtime],
    ['services', cluster.state === 'running' ? `${cluster.portalNet} through ${cluster.proxy}` : cluster.portalNet],
  ];
  const head = facts.map(([key = '', value = '']) => `${`${key}:`.padEnd(10)}${value}`).join('\n');
  const rows = cluster.machines.map((m) => [m.name, m.state, m.address, String(m.pods), m.machineID]);
  if (rows.length === 0) return head;
  return `${head}\n\n${writeColumns([['MACHINE', 'STATE', 'IP', 'PODS', 'ID'], ...rows]).trimEnd()}`;
}

const megabytes = (bytes: number) => Math.round(bytes / 1e6);
