import * as Args from '@oclif/core/args';
import { ApiCommand } from '../core/cli/base.ts';
import { readNodes, setUnschedulable } from '../core/cli/cordoning.ts';
import { outputFlag, selectorFlags } from '../core/cli/flags.ts';
import { objectPrinter } from '../core/cli/printers/index.ts';
import { changeEach } from '../core/cli/writing.ts';

export default class Cordon extends ApiCommand {
  static override summary = 'Close nodes to new pods; those that run stay';
  static override strict = false;
  static override usage = '(NODE... | -l SELECTOR) [FLAGS]';
  static override args = { node: Args.string({ ignoreStdin: true, description: 'names of nodes' }) };
  static override flags = { selector: selectorFlags.selector, ...outputFlag };
  static override examples = ['<%= config.bin %> cordon core-02', '<%= config.bin %> cordon -l disk=ssd'];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Cordon);
    const printer = await objectPrinter(flags.output);
    const resolve = await readNodes(argv as string[], flags, { context: this.context, verb: 'cordon' });
    const api = await this.connect(flags);
    const show = { done: 'cordoned', printer, stdout: this.context.stdout };
    await changeEach(await resolve(api), show, (node) => setUnschedulable(api, node, true));
  }
}
