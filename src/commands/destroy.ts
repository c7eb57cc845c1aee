import * as Args from '@oclif/core/args';
import { BaseCommand, clusterFlags } from '../core/cli/base.ts';
import { removeContext } from '../core/cli/kubeconfig.ts';
import { clusterOf, reportTo } from '../core/cli/local.ts';

export default class Destroy extends BaseCommand {
  static override group = 'Cluster' as const;
  static override summary = 'Remove the local cluster and everything that carries its label, or one of its machines';
  static override description =
    'Stops the daemon, removes containers, networks, firewall table, addresses, the data directory and the kubeconfig context. Images stay. Also removes what is left of a cluster whose data directory was lost (--name). With a machine, only that one is removed; its pods move to the others.';
  static override args = {
    machine: Args.string({ ignoreStdin: true, description: 'remove this machine only, such as core-02' }),
  };
  static override flags = { ...clusterFlags };
  static override examples = [
    '<%= config.bin %> destroy',
    '<%= config.bin %> destroy --name big',
    '<%= config.bin %> destroy core-03',
  ];

  async run(): Promise<void> {
    const { flags, args } = await this.parse(Destroy);
    const { dataDir, name } = clusterOf(flags);
    const { destroy, destroyMachine } = await import('../core/cluster/lifecycle.ts');
    if (args.machine) return destroyMachine(dataDir, args.machine, reportTo(this.context, name));
    const found = await destroy(dataDir, name);
    removeContext({ name, kubeconfig: flags.kubeconfig }, this.context.env);
    reportTo(this.context, name)({ message: found ? 'destroyed' : 'there is no such cluster' });
  }
}
