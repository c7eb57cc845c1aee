import * as Args from '@oclif/core/args';
import { ApiCommand } from '../../core/cli/base.ts';
import { UsageError } from '../../core/cli/errors.ts';
import { deleteToken } from '../../core/cli/tokens.ts';
import { eachInTurn } from '../../core/cli/writing.ts';

export default class TokenDelete extends ApiCommand {
  static override group = 'Cluster' as const;
  static override summary = 'Revoke tokens: nobody joins with them any more';
  static override strict = false;
  static override usage = 'TOKEN... [FLAGS]';
  static override args = { token: Args.string({ ignoreStdin: true, description: 'the part before the dot' }) };
  static override examples = ['<%= config.bin %> token delete k2x9ab'];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(TokenDelete);
    if (argv.length === 0) throw new UsageError('which token? Name it by the part before the dot');
    const api = await this.connect(flags);
    await eachInTurn(argv as string[], 'deleted', async (text) => {
      this.print(`token "${await deleteToken(api, text)}" deleted`);
    });
  }
}
