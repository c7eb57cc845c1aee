import * as Flags from '@oclif/core/flags';
import { ApiCommand } from '../../core/cli/base.ts';
import { durationFlag } from '../../core/cli/durations.ts';
import { createToken } from '../../core/cli/tokens.ts';

const dayMs = 24 * 3600 * 1000;

export default class TokenCreate extends ApiCommand {
  static override group = 'Cluster' as const;
  static override summary = 'Make a token with which machines join the cluster, and print it';
  static override description =
    'Whoever has the token may get the certificate of a new node, and nothing else. It is printed once and cannot be asked for again.';
  static override flags = {
    ttl: durationFlag({
      default: dayMs,
      defaultHelp: async () => '24h',
      description: 'how long it is good; 0 is for ever',
    }),
    description: Flags.string({
      default: '',
      helpValue: 'TEXT',
      description: 'what it is for, to be shown by token list',
    }),
  };
  static override examples = [
    '<%= config.bin %> token create',
    '<%= config.bin %> token create --ttl 1h --description "rack 2"',
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(TokenCreate);
    const api = await this.connect(flags);
    const wishes = { ttlMs: flags.ttl, description: flags.description, now: this.context.clock.now() };
    this.print(await createToken(api, wishes));
  }
}
