import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ApiCommand } from '../core/cli/base.ts';
import { deleteAll } from '../core/cli/deleting.ts';
import { durationFlag } from '../core/cli/durations.ts';
import { filenameFlag, selectorFlags } from '../core/cli/flags.ts';
import { readTargets } from '../core/cli/targets.ts';

export default class Delete extends ApiCommand {
  static override summary = 'Delete objects and wait until they are gone';
  static override completes = 'resource' as const;
  static override strict = false;
  static override usage = '(-f FILE... | TYPE NAME... | TYPE/NAME... | TYPE (-l SELECTOR | --all)) [FLAGS]';
  static override args = { type: Args.string({ ignoreStdin: true, description: 'TYPE NAME… or TYPE/NAME…' }) };
  static override flags = {
    ...filenameFlag,
    ...selectorFlags,
    all: Flags.boolean({ description: 'all objects of the type in the namespace' }),
    cascade: Flags.option({
      options: ['background', 'foreground', 'orphan', 'true', 'false'] as const,
      default: 'background',
      description: 'what becomes of the objects it owns, such as the pods of a controller; orphan (false) keeps them',
    })(),
    'grace-period': Flags.integer({ min: -1, helpValue: 'SECONDS', description: 'time containers have to end' }),
    force: Flags.boolean({ description: 'no grace: the object is gone at once' }),
    wait: Flags.boolean({ default: true, allowNo: true, description: 'wait until the objects are gone' }),
    timeout: durationFlag({ description: 'how long to wait (default for ever); exit code 124 when it was too short' }),
    'ignore-not-found': Flags.boolean({ description: 'an object that does not exist is no error' }),
    output: Flags.option({ char: 'o', options: ['name'] as const, description: 'print names only' })(),
  };
  static override examples = [
    '<%= config.bin %> delete pod web',
    '<%= config.bin %> delete -f examples/web.yaml',
    '<%= config.bin %> delete pods -l app=web --grace-period=1',
    '<%= config.bin %> delete rc web --cascade=orphan',
    '<%= config.bin %> delete pods --all --wait=false',
  ];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Delete);
    const resolve = await readTargets(argv as string[], flags, { context: this.context, verb: 'delete' });
    const api = await this.connect(flags);
    const targets = await resolve(api);
    if (targets.length === 0) this.note('No resources found');
    const selected = flags.all || flags.selector !== undefined || flags['field-selector'] !== undefined;
    const grace = flags.force ? 0 : flags['grace-period'];
    const wishes = {
      word: 'deleted' as const,
      options: {
        propagationPolicy: policies[flags.cascade],
        // -1 is the object's own (kubectl)
        ...(grace !== undefined && grace >= 0 ? { gracePeriodSeconds: grace } : {}),
      },
      wait: flags.wait && !flags.force,
      timeoutMs: flags.timeout,
      // Somebody else may have deleted what a selector found.
      ignoreNotFound: flags['ignore-not-found'] || selected,
      nameOnly: flags.output === 'name',
    };
    await deleteAll(targets, wishes, { api, context: this.context });
  }
}

const policies = {
  background: 'Background',
  true: 'Background',
  foreground: 'Foreground',
  orphan: 'Orphan',
  false: 'Orphan',
} as const;
