import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { Pod } from '../core/api/kinds/index.ts';
import type { LogOptions } from '../core/api/request.ts';
import { ApiCommand } from '../core/cli/base.ts';
import { durationFlag } from '../core/cli/durations.ts';
import { CliError, UsageError } from '../core/cli/errors.ts';
import { kindNamed } from '../core/cli/resources.ts';

/** More streams at once than anybody can read (kubectl --max-log-requests). */
const followedMax = 5;

export default class Logs extends ApiCommand {
  static override group = 'Watching' as const;
  static override summary = 'Print what a container wrote';
  static override completes = 'resource' as const;
  static override strict = false;
  static override usage = '(POD [CONTAINER] | pod/POD | -l SELECTOR) [FLAGS]';
  static override args = { pod: Args.string({ ignoreStdin: true, description: 'POD, pod/POD, or POD CONTAINER' }) };
  static override flags = {
    container: Flags.string({ char: 'c', helpValue: 'NAME', description: 'container, when the pod has several' }),
    follow: Flags.boolean({ char: 'f', description: 'go on as more is written' }),
    previous: Flags.boolean({ char: 'p', description: 'of the container before its last restart' }),
    timestamps: Flags.boolean({ description: 'begin each line with its time' }),
    tail: Flags.integer({ min: -1, helpValue: 'N', description: 'the last N lines only; -1 is all' }),
    since: durationFlag({ exclusive: ['since-time'], description: 'lines younger than this only, such as 5m' }),
    'since-time': Flags.string({ helpValue: 'TIME', description: 'lines after this only: 2026-11-25T10:00:00Z' }),
    selector: Flags.string({ char: 'l', helpValue: 'SELECTOR', description: 'of all pods with these labels' }),
  };
  static override examples = [
    '<%= config.bin %> logs web',
    '<%= config.bin %> logs -f web -c main --tail=20',
    '<%= config.bin %> logs -p web --since=1h',
    '<%= config.bin %> logs -l app=web --timestamps',
  ];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Logs);
    const named = readPod(argv as string[], flags);
    const log: LogOptions = {
      ...(named.container ? { container: named.container } : {}),
      ...(flags.follow ? { follow: true } : {}),
      ...(flags.previous ? { previous: true } : {}),
      ...(flags.timestamps ? { timestamps: true } : {}),
      ...(flags.tail !== undefined && flags.tail >= 0 ? { tailLines: flags.tail } : {}),
      ...(flags.since !== undefined ? { sinceSeconds: Math.ceil(flags.since / 1000) } : {}),
      ...(flags['since-time'] ? { sinceTime: rfc3339(flags['since-time']) } : {}),
    };
    const api = await this.connect(flags);
    const print = async (pod: string) => {
      const { signal } = this.context;
      for await (const chunk of api.client.logs(Pod, api.namespace, pod, log, signal)) this.context.stdout.write(chunk);
      signal.throwIfAborted();
    };
    if (named.pod) return print(named.pod);

    const { items } = await api.client.list(Pod, api.namespace, { labelSelector: flags.selector! });
    if (items.length === 0) this.note(`No resources found in ${api.namespace} namespace.`);
    if (!flags.follow) {
      for (const { metadata } of items) await print(metadata.name);
    } else if (items.length > followedMax) {
      throw new CliError(`${items.length} pods match, and at most ${followedMax} can be followed at once`);
    } else {
      await Promise.all(items.map(({ metadata }) => print(metadata.name)));
    }
  }
}

function readPod(words: string[], flags: { selector?: string | undefined; container?: string | undefined }) {
  const [word, container, ...more] = words;
  if (flags.selector !== undefined) {
    if (word) throw new UsageError('a name cannot be given together with a selector');
    return { container: flags.container };
  }
  if (!word) throw new UsageError("which pod? Name it, such as 'kubecfg logs web', or select with -l");
  if (more.length > 0 || (container && flags.container)) throw new UsageError('one pod and one container at a time');
  const [type, name] = word.includes('/') ? word.split('/') : ['pod', word];
  if (kindNamed(type!).kind !== 'Pod') throw new UsageError(`${word}: only pods have logs`);
  return { pod: name!, container: flags.container ?? container };
}

function rfc3339(text: string): string {
  if (Number.isNaN(Date.parse(text)))
    throw new UsageError(`--since-time ${text}: not a time, such as 2026-11-25T10:00:00Z`);
  return new Date(text).toISOString();
}
