import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ApiCommand } from '../core/cli/base.ts';
import { allNamespacesFlag, outputFlag, selectorFlags, tableFlags, watchFlag } from '../core/cli/flags.ts';
import { read } from '../core/cli/reading.ts';
import { parseSelection } from '../core/cli/resources.ts';

export default class Get extends ApiCommand {
  static override group = 'Objects' as const;
  static override summary = 'Show objects: one, several, or all of a type';
  static override completes = 'resource' as const;
  static override strict = false;
  static override usage = '(TYPE[,TYPE] | TYPE NAME... | TYPE/NAME...) [FLAGS]';
  static override args = {
    type: Args.string({ ignoreStdin: true, description: 'pods, rc, services … or several joined: pods,rc' }),
  };
  static override flags = {
    ...outputFlag,
    ...selectorFlags,
    ...allNamespacesFlag,
    ...watchFlag,
    ...tableFlags,
    'at-revision': Flags.integer({
      min: 1,
      helpValue: 'N',
      description: "as it was at this revision, as far as the store's history reaches",
    }),
    'ignore-not-found': Flags.boolean({ description: 'say nothing of names that do not exist' }),
  };
  static override examples = [
    '<%= config.bin %> get pods',
    '<%= config.bin %> get pods,rc,services -o wide',
    '<%= config.bin %> get pods --at-revision 4711',
    "<%= config.bin %> get pod/web-x7k2p -o jsonpath='{.status.podIP}'",
    '<%= config.bin %> get nodes -l zone=a --show-labels',
    '<%= config.bin %> get pods -A --field-selector spec.nodeName=core-01 -w',
  ];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Get);
    const selection = parseSelection(argv as string[], 'kubecfg get pods');
    await read(selection, flags, { connect: () => this.connect(flags), context: this.context });
  }
}
