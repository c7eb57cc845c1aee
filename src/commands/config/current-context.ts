import { BaseCommand, clusterFlags } from '../../core/cli/base.ts';
import { CliError } from '../../core/cli/errors.ts';
import { readKubeconfig } from '../../core/cli/kubeconfig.ts';

export default class ConfigCurrentContext extends BaseCommand {
  static override group = 'Settings' as const;
  static override summary = 'Show the name of the current context';
  static override flags = { kubeconfig: clusterFlags.kubeconfig };
  static override examples = ['<%= config.bin %> config current-context'];

  async run(): Promise<void> {
    const { flags } = await this.parse(ConfigCurrentContext);
    const config = readKubeconfig(flags.kubeconfig, this.context.env);
    if (!config.currentContext) throw new CliError('current-context is not set', { hint: config.hint() });
    this.print(config.currentContext);
  }
}
