import * as Flags from '@oclif/core/flags';
import { humanDuration } from '../../core/api/duration.ts';
import { ApiCommand } from '../../core/cli/base.ts';
import { ColumnWriter } from '../../core/cli/printers/columns.ts';
import { printStructured } from '../../core/cli/printers/structured.ts';
import { listTokens } from '../../core/cli/tokens.ts';

export default class TokenList extends ApiCommand {
  static override group = 'Cluster' as const;
  static override summary = 'Show the tokens with which machines may join, without their secrets';
  static override flags = {
    output: Flags.option({
      char: 'o',
      options: ['json', 'yaml'] as const,
      description: 'all there is, in that form',
    })(),
  };
  static override examples = ['<%= config.bin %> token list'];

  async run(): Promise<void> {
    const { flags } = await this.parse(TokenList);
    const api = await this.connect(flags);
    const tokens = await listTokens(api);
    if (flags.output) {
      this.context.stdout.write(await printStructured({ tokens }, flags.output));
      return;
    }
    if (tokens.length === 0) return this.note('No tokens found');
    const now = this.context.clock.now();
    const rows = tokens.map(({ id, expires, description }) => [id, remaining(expires, now), description || '-']);
    this.context.stdout.write(new ColumnWriter().write([['TOKEN', 'EXPIRES', 'DESCRIPTION'], ...rows]));
  }
}

function remaining(expires: string | undefined, now: number): string {
  if (expires === undefined) return 'never';
  const ms = Date.parse(expires) - now;
  return ms > 0 ? `in ${humanDuration(ms)}` : 'expired';
}
