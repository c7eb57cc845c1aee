import { BaseCommand, clusterFlags } from '../../core/cli/base.ts';
import { readKubeconfig } from '../../core/cli/kubeconfig.ts';
import { writeColumns } from '../../core/cli/printers/columns.ts';

export default class ConfigGetContexts extends BaseCommand {
  static override group = 'Settings' as const;
  static override summary = 'Show all contexts';
  static override flags = { kubeconfig: clusterFlags.kubeconfig };
  static override examples = ['<%= config.bin %> config get-contexts'];

  async run(): Promise<void> {
    const { flags } = await this.parse(ConfigGetContexts);
    const { contexts, currentContext } = readKubeconfig(flags.kubeconfig, this.context.env);
    const rows = contexts.map(({ name, cluster, user = '', namespace = '' }) => {
      return [name === currentContext ? '*' : '', name, cluster, user, namespace];
    });
    this.context.stdout.write(writeColumns([['CURRENT', 'NAME', 'CLUSTER', 'AUTHINFO', 'NAMESPACE'], ...rows]));
  }
}
