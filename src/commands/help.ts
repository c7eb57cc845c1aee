import * as Args from '@oclif/core/args';
import { BaseCommand } from '../core/cli/base.ts';
import { didYouMean, UsageError } from '../core/cli/errors.ts';
import { rootHelp, topicHelp, verbHelp } from '../core/cli/help.ts';

export default class Help extends BaseCommand {
  static override group = 'Settings' as const;
  static override summary = 'Show what a command does, its flags and examples';
  static override strict = false;
  static override usage = '[COMMAND]';
  static override args = { command: Args.string({ ignoreStdin: true, description: 'the command' }) };
  static override examples = ['<%= config.bin %> help', '<%= config.bin %> help get'];

  async run(): Promise<void> {
    const { argv } = await this.parse(Help);
    const verb = (argv as string[]).join(' ');
    const load = this.verbs[verb];
    const isTopic = Object.keys(this.verbs).some((v) => v.startsWith(`${verb} `));
    if (load) this.context.stdout.write(verbHelp(verb, (await load()).default, this.context));
    else if (verb === '') this.context.stdout.write(await rootHelp(this.verbs));
    else if (isTopic) this.context.stdout.write(await topicHelp(verb, this.verbs));
    else throw new UsageError(`unknown command "${verb}"${didYouMean(verb, Object.keys(this.verbs))}`);
  }
}
