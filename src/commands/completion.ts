import * as Args from '@oclif/core/args';
import { BaseCommand } from '../core/cli/base.ts';
import { completionScripts } from '../core/cli/completion.ts';

export default class Completion extends BaseCommand {
  static override group = 'Settings' as const;
  static override summary = 'Print the script that completes command lines in a shell';
  static override description =
    `Verbs, flags and types are completed from this program's own tables, names from the server.`;
  static override args = {
    shell: Args.string({
      required: true,
      ignoreStdin: true,
      options: Object.keys(completionScripts),
      description: 'the shell',
    }),
  };
  static override examples = [
    'source <(kubecfg completion bash)',
    'kubecfg completion zsh > "$fpath[1]/_kubecfg"',
    'kubecfg completion fish > ~/.config/fish/completions/kubecfg.fish',
  ];

  async run(): Promise<void> {
    const { args } = await this.parse(Completion);
    this.context.stdout.write(completionScripts[args.shell as keyof typeof completionScripts]);
  }
}
