import * as Flags from '@oclif/core/flags';
import { BaseCommand, clusterFlags } from '../core/cli/base.ts';
import { connectionOver } from '../core/cli/connection.ts';
import { setUnschedulable } from '../core/cli/cordoning.ts';
import { evictAll, podsToEvict } from '../core/cli/draining.ts';
import { durationFlag } from '../core/cli/durations.ts';
import { unitDirFlag } from '../core/cli/joining.ts';
import { clusterOf, reportTo } from '../core/cli/local.ts';
import type { ClusterConfig } from '../core/cluster/config.ts';

const fiveMinutesMs = 5 * 60_000;

export default class Leave extends BaseCommand {
  static override group = 'Cluster' as const;
  static override summary = 'Take this host out of the cluster that it joined';
  static override description =
    "Moves its pods to the other machines, removes its node and, on a master, its etcd member, stops daemon and etcd, and removes what join made on this host. Refuses when what stays of etcd would have no quorum; the last master is removed by 'kubecfg destroy'.";
  static override flags = {
    ...clusterFlags,
    timeout: durationFlag({
      default: fiveMinutesMs,
      defaultHelp: async () => '5m',
      description: 'how long its pods may take to end; exit code 124 when it was too short',
    }),
    force: Flags.boolean({
      description: 'leave though pods do not end in time, the others cannot be told, or lose their quorum',
    }),
    ...unitDirFlag,
  };
  static override examples = [
    '<%= config.bin %> leave',
    '<%= config.bin %> leave --timeout 1m --force',
    '<%= config.bin %> ssh core-03 -- kubecfg leave',
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(Leave);
    const { dataDir, name } = clusterOf(flags);
    const { checkLeave, hostConfig, leave } = await import('../core/cluster/leave.ts');
    const { force, 'unit-dir': unitDir } = flags;
    const report = reportTo(this.context, name);
    const config = hostConfig(dataDir);
    await checkLeave(config, force);
    try {
      await this.#drain(dataDir, config, flags.timeout);
    } catch (error) {
      if (!force) throw error;
      report({ message: `left with its pods: ${(error as Error).message}` });
    }
    await leave({ dataDir, config, unitDir, force, report });
  }

  async #drain(dataDir: string, config: ClusterConfig, timeoutMs: number): Promise<void> {
    const { Node } = await import('../core/api/kinds/index.ts');
    const { connectAsHost } = await import('../core/cluster/leave.ts');
    const { name } = config.machines[0]!;
    const server = config.host!.servers[0] ?? '';
    const transport = await connectAsHost(dataDir, config);
    const api = connectionOver(transport, { server, namespace: 'default', settle: async () => {} });
    // Whoever leaves for good asks for all of it.
    const wishes = { force: true, deleteEmptyDirData: true, podSelector: undefined, timeoutMs };
    try {
      this.print((await setUnschedulable(api, await api.client.get(Node, '', name), true)).line);
      const drain = { ...wishes, gracePeriodSeconds: undefined, disableEviction: false };
      await evictAll(await podsToEvict(api, name, drain), drain, { api, context: this.context });
      this.print(`node/${name} drained`);
    } finally {
      await api.close();
    }
  }
}
