import * as Args from '@oclif/core/args';
import { BaseCommand, clusterFlags } from '../../core/cli/base.ts';
import { useContext } from '../../core/cli/kubeconfig.ts';

export default class ConfigUseContext extends BaseCommand {
  static override group = 'Settings' as const;
  static override summary = 'Choose the context that commands use from now on';
  static override args = {
    name: Args.string({ required: true, ignoreStdin: true, description: 'name of the context' }),
  };
  static override flags = { kubeconfig: clusterFlags.kubeconfig };
  static override examples = ['<%= config.bin %> config use-context kubecfg'];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ConfigUseContext);
    useContext(args.name, flags.kubeconfig, this.context.env);
    this.print(`Switched to context "${args.name}".`);
  }
}
