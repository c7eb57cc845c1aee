import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ReplicationController } from '../core/api/kinds/index.ts';
import { ApiCommand } from '../core/cli/base.ts';
import type { Connection } from '../core/cli/connection.ts';
import { deleteAll } from '../core/cli/deleting.ts';
import { durationFlag } from '../core/cli/durations.ts';
import { filenameFlag, selectorFlags } from '../core/cli/flags.ts';
import { watchUntil } from '../core/cli/following.ts';
import { resize } from '../core/cli/resizing.ts';
import { readTargets, type Target } from '../core/cli/targets.ts';

/** kubectl 0.17. */
const defaultTimeoutMs = 5 * 60_000;

export default class Stop extends ApiCommand {
  static override summary = 'End objects in order: a controller is resized to 0 first';
  static override description =
    `stop NAME, the form of kubecfg 0.7, resizes the replication controller to 0 and keeps it.`;
  static override completes = 'resource' as const;
  static override strict = false;
  static override usage = '(-f FILE... | TYPE NAME... | TYPE/NAME... | TYPE (-l SELECTOR | --all) | NAME) [FLAGS]';
  static override args = { type: Args.string({ ignoreStdin: true, description: 'TYPE NAME… or TYPE/NAME…' }) };
  static override flags = {
    ...filenameFlag,
    ...selectorFlags,
    all: Flags.boolean({ description: 'all objects of the type in the namespace' }),
    'grace-period': Flags.integer({ min: -1, helpValue: 'SECONDS', description: 'time containers have to end' }),
    timeout: durationFlag({ description: 'how long to wait for each step (default 5m)' }),
  };
  static override examples = [
    '<%= config.bin %> stop rc web',
    '<%= config.bin %> stop -f examples/web.yaml',
    '<%= config.bin %> stop web',
  ];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Stop);
    const words = argv as string[];
    const selects = flags.all || flags.filename || flags.selector !== undefined;
    if (words.length === 1 && !selects && !words[0]!.includes('/')) {
      const api = await this.connect(flags);
      await resize(api, { name: words[0]!, replicas: 0 });
      this.print(`replicationcontroller/${words[0]} resized`);
      return;
    }
    const resolve = await readTargets(words, flags, { context: this.context, verb: 'stop' });
    const api = await this.connect(flags);
    const targets = await resolve(api);
    const timeoutMs = flags.timeout ?? defaultTimeoutMs;
    if (targets.length === 0) this.note('No resources found');
    for (const target of targets) await this.#emptyController(api, target, timeoutMs);
    const grace = flags['grace-period'];
    const wishes = {
      word: 'stopped' as const,
      options: {
        propagationPolicy: 'Background' as const,
        ...(grace !== undefined && grace >= 0 ? { gracePeriodSeconds: grace } : {}),
      },
      wait: true,
      timeoutMs,
      ignoreNotFound: false,
      nameOnly: false,
    };
    await deleteAll(targets, wishes, { api, context: this.context });
  }

  /** The reaper of kubectl 0.17: resize to 0, and wait until no pod is left. */
  async #emptyController(api: Connection, { kind, namespace, name }: Target, timeoutMs: number): Promise<void> {
    if (kind.kind !== 'ReplicationController') return;
    const { metadata } = await resize(api, { name, namespace, replicas: 0 });
    await watchUntil(
      { api, context: this.context },
      { kind: ReplicationController, namespace, names: [name] },
      (seen) => {
        const controller = seen.get(name) as ReplicationController | undefined;
        const { replicas = 0, observedGeneration = 0 } = controller?.status ?? {};
        return !controller || (replicas === 0 && observedGeneration >= (metadata.generation ?? 0));
      },
      { timeoutMs, late: () => `timed out waiting for the pods of replicationcontroller/${name} to end` },
    );
  }
}
