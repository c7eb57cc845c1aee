import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ApiCommand } from '../core/cli/base.ts';
import { readNodes, setUnschedulable } from '../core/cli/cordoning.ts';
import { type DrainWishes, evictAll, podsToEvict } from '../core/cli/draining.ts';
import { durationFlag } from '../core/cli/durations.ts';
import { selectorFlags } from '../core/cli/flags.ts';
import { eachInTurn } from '../core/cli/writing.ts';

export default class Drain extends ApiCommand {
  static override summary = 'Close nodes to new pods and move their pods away';
  static override description =
    'Evicts the pods of each node and waits until they are gone; their controllers replace them on other nodes. Refuses, before anything is evicted, when that would lose pods or data for good.';
  static override strict = false;
  static override usage = '(NODE... | -l SELECTOR) [FLAGS]';
  static override args = { node: Args.string({ ignoreStdin: true, description: 'names of nodes' }) };
  static override flags = {
    selector: selectorFlags.selector,
    force: Flags.boolean({ description: 'evict pods that no controller will make again, too' }),
    'delete-emptydir-data': Flags.boolean({
      aliases: ['delete-local-data'],
      description: 'evict pods with emptyDir volumes, too; what is in them is lost',
    }),
    'ignore-daemonsets': Flags.boolean({
      description: 'taken for scripts written for kubectl: there are no DaemonSets',
    }),
    'pod-selector': Flags.string({ helpValue: 'SELECTOR', description: 'evict only the pods with these labels' }),
    'grace-period': Flags.integer({ min: -1, helpValue: 'SECONDS', description: 'time containers have to end' }),
    'disable-eviction': Flags.boolean({ description: 'delete the pods instead of evicting them' }),
    timeout: durationFlag({ description: 'how long to wait (default for ever); exit code 124 when it was too short' }),
  };
  static override examples = [
    '<%= config.bin %> drain core-02',
    '<%= config.bin %> drain core-02 --force --delete-emptydir-data --timeout=2m',
  ];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Drain);
    const resolve = await readNodes(argv as string[], flags, { context: this.context, verb: 'drain' });
    const grace = flags['grace-period'];
    const wishes: DrainWishes = {
      force: flags.force,
      deleteEmptyDirData: flags['delete-emptydir-data'],
      podSelector: flags['pod-selector'],
      // -1 is the pod's own (kubectl)
      gracePeriodSeconds: grace !== undefined && grace >= 0 ? grace : undefined,
      disableEviction: flags['disable-eviction'],
      timeoutMs: flags.timeout,
    };
    const api = await this.connect(flags);
    const nodes = await resolve(api);
    // All are closed first, so that no pod moves from one to the next.
    for (const node of nodes) this.print((await setUnschedulable(api, node, true)).line);
    await eachInTurn(nodes, 'drained', async ({ metadata: { name } }) => {
      const pods = await podsToEvict(api, name, wishes);
      await evictAll(pods, wishes, { api, context: this.context });
      this.print(`node/${name} drained`);
    });
  }
}
