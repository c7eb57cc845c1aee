import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ApiCommand } from '../core/cli/base.ts';
import { parseCondition } from '../core/cli/conditions.ts';
import type { Connection } from '../core/cli/connection.ts';
import { durationFlag } from '../core/cli/durations.ts';
import { CliError } from '../core/cli/errors.ts';
import { filenameFlag, selectorFlags } from '../core/cli/flags.ts';
import { watchUntil } from '../core/cli/following.ts';
import { readTargets, type Target } from '../core/cli/targets.ts';
import { nameFor } from '../core/cli/writing.ts';

const defaultTimeoutMs = 30_000;

export default class Wait extends ApiCommand {
  static override group = 'Watching' as const;
  static override summary = 'Wait until objects are as wished';
  static override description = 'Ends with exit code 124 when they are not in time.';
  static override completes = 'resource' as const;
  static override strict = false;
  static override usage = '(-f FILE... | TYPE NAME... | TYPE/NAME... | TYPE (-l SELECTOR | --all)) --for=WHAT [FLAGS]';
  static override args = { type: Args.string({ ignoreStdin: true, description: 'TYPE NAME… or TYPE/NAME…' }) };
  static override flags = {
    ...filenameFlag,
    ...selectorFlags,
    all: Flags.boolean({ description: 'all objects of the type in the namespace' }),
    for: Flags.string({
      required: true,
      helpValue: 'WHAT',
      description: 'condition=TYPE[=STATUS], delete, create, or jsonpath={.PATH}[=VALUE]',
    }),
    timeout: durationFlag({ description: 'how long to wait (default 30s); 0 looks once' }),
  };
  static override examples = [
    '<%= config.bin %> wait pod/web --for=condition=Ready --timeout=60s',
    "<%= config.bin %> wait rc/web --for=jsonpath='{.status.readyReplicas}'=3",
    '<%= config.bin %> wait pods -l app=web --for=delete',
    '<%= config.bin %> wait nodes --all --for=condition=Ready',
  ];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Wait);
    const condition = parseCondition(flags.for);
    const resolve = await readTargets(argv as string[], flags, { context: this.context, verb: 'wait' });
    const api = await this.connect(flags);
    const targets = await resolve(api);
    if (targets.length === 0 && condition.needsObject) throw new CliError('no matching resources found');
    if (condition.needsObject) {
      for (const { kind, namespace, name } of targets) await api.client.get(kind, namespace, name);
    }
    const timeoutMs = flags.timeout ?? defaultTimeoutMs;
    await Promise.all(
      targets.map((target) => this.#waitFor(api, target, { ...condition, text: flags.for, timeoutMs })),
    );
  }

  async #waitFor(api: Connection, target: Target, wish: Wish): Promise<void> {
    const { kind, namespace, name } = target;
    await watchUntil(
      { api, context: this.context },
      { kind, namespace, names: [name] },
      (seen) => wish.met(seen.get(name)),
      { timeoutMs: wish.timeoutMs, late: () => `timed out waiting for ${wish.text} on ${nameFor(kind, name)}` },
    );
    this.print(`${nameFor(kind, name)} condition met`);
  }
}

interface Wish extends ReturnType<typeof parseCondition> {
  text: string;
  timeoutMs: number;
}
