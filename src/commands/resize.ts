import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ApiCommand } from '../core/cli/base.ts';
import { CliError, UsageError } from '../core/cli/errors.ts';
import { resize } from '../core/cli/resizing.ts';
import { parseObjectName } from '../core/cli/resources.ts';

export default class Resize extends ApiCommand {
  static override summary = 'Change how many pods a replication controller keeps';
  static override completes = 'resource' as const;
  static override strict = false;
  static override usage = '(rc NAME --replicas=N | NAME N) [FLAGS]';
  static override args = { type: Args.string({ ignoreStdin: true, description: 'rc NAME, or rc/NAME' }) };
  static override flags = {
    replicas: Flags.integer({ min: 0, helpValue: 'N', description: 'how many pods from now on' }),
    'current-replicas': Flags.integer({ min: 0, helpValue: 'N', description: 'only if it keeps so many now' }),
    'resource-version': Flags.string({ helpValue: 'VERSION', description: 'only if it has this version now' }),
  };
  static override examples = [
    '<%= config.bin %> resize rc web --replicas=5',
    '<%= config.bin %> resize --current-replicas=3 --replicas=5 rc web',
    '<%= config.bin %> resize web 5',
  ];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Resize);
    const { name, replicas } = read(argv as string[], flags.replicas);
    const api = await this.connect(flags);
    const conditions = { currentReplicas: flags['current-replicas'], resourceVersion: flags['resource-version'] };
    await resize(api, { name, replicas, ...conditions });
    this.print(`replicationcontroller/${name} resized`);
  }
}

/** `rc web` with --replicas, or kubecfg 0.7's `web 5`. */
function read(words: string[], replicas: number | undefined): { name: string; replicas: number } {
  const [name, count] = words;
  if (replicas === undefined && words.length === 2 && /^\d+$/.test(count!))
    return { name: name!, replicas: Number(count) };
  if (replicas === undefined) throw new UsageError('--replicas is missing: how many pods from now on?');
  const object = parseObjectName(words, 'kubecfg resize rc web --replicas=3');
  if (object.kind.kind !== 'ReplicationController') {
    throw new CliError(`no resizer has been implemented for "${object.kind.kind}"`);
  }
  return { name: object.name, replicas };
}
