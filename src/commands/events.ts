import * as Flags from '@oclif/core/flags';
import type { Kind } from '../core/api/kind.ts';
import { Event } from '../core/api/kinds/index.ts';
import { ApiCommand } from '../core/cli/base.ts';
import { allNamespacesFlag, outputFlag, tableFlags, watchFlag } from '../core/cli/flags.ts';
import { read } from '../core/cli/reading.ts';
import { parseObjectName } from '../core/cli/resources.ts';

export default class Events extends ApiCommand {
  static override group = 'Watching' as const;
  static override summary = 'Show what happened, the latest last';
  static override flags = {
    ...outputFlag,
    ...allNamespacesFlag,
    ...watchFlag,
    'no-headers': tableFlags['no-headers'],
    for: Flags.string({ helpValue: 'TYPE/NAME', description: 'to this object only' }),
    types: Flags.string({ options: ['Normal', 'Warning'], description: 'of this type only' }),
  };
  static override examples = [
    '<%= config.bin %> events',
    '<%= config.bin %> events --for pod/web',
    '<%= config.bin %> events -A --types=Warning -w',
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(Events);
    const terms: string[] = [];
    if (flags.for) {
      const { kind, name } = parseObjectName([flags.for], 'kubecfg events --for pod/web');
      terms.push(`involvedObject.kind=${kind.kind}`, `involvedObject.name=${name}`);
    }
    if (flags.types) terms.push(`type=${flags.types}`);
    const selection = { type: 'collections' as const, kinds: [Event as unknown as Kind] };
    const query = {
      ...flags,
      ...(terms.length > 0 ? { 'field-selector': terms.join(',') } : {}),
      // A watch cannot be sorted, it comes in order.
      ...(flags.watch ? {} : { 'sort-by': '.lastTimestamp' }),
    };
    await read(selection, query, { connect: () => this.connect(flags), context: this.context });
  }
}
