import { BaseCommand, clusterFlags } from '../core/cli/base.ts';
import { removeContext } from '../core/cli/kubeconfig.ts';
import { clusterOf, reportTo } from '../core/cli/local.ts';

export default class Destroy extends BaseCommand {
  static override group = 'Cluster' as const;
  static override summary = 'Remove the local cluster and everything that carries its label';
  static override description =
    'Stops the daemon, removes containers, networks, firewall table, addresses, the data directory and the kubeconfig context. Images stay. Also removes what is left of a cluster whose data directory was lost (--name).';
  static override flags = { ...clusterFlags };
  static override examples = ['<%= config.bin %> destroy', '<%= config.bin %> destroy --name big'];

  async run(): Promise<void> {
    const { flags } = await this.parse(Destroy);
    const { dataDir, name } = clusterOf(flags);
    const { destroy } = await import('../core/cluster/lifecycle.ts');
    const found = await destroy(dataDir, name);
    removeContext({ name, kubeconfig: flags.kubeconfig }, this.context.env);
    reportTo(this.context, name)({ message: found ? 'destroyed' : 'there is no such cluster' });
  }
}
