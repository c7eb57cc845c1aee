import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ApiCommand } from '../core/cli/base.ts';
import type { Connection } from '../core/cli/connection.ts';
import { CliError, UsageError } from '../core/cli/errors.ts';
import { outputFlag, selectorFlags } from '../core/cli/flags.ts';
import { objectPrinter } from '../core/cli/printers/index.ts';
import { readTargets, type Target } from '../core/cli/targets.ts';
import { changeEach, nameFor } from '../core/cli/writing.ts';

/** null removes a label. */
type Changes = Readonly<Record<string, string | null>>;

export default class Label extends ApiCommand {
  static override summary = 'Add, change or remove labels';
  static override completes = 'resource' as const;
  static override strict = false;
  static override usage = '(TYPE NAME... | TYPE/NAME... | TYPE (-l SELECTOR | --all)) KEY=VALUE... KEY-... [FLAGS]';
  static override args = { type: Args.string({ ignoreStdin: true, description: 'TYPE NAME, then KEY=VALUE or KEY-' }) };
  static override flags = {
    ...selectorFlags,
    ...outputFlag,
    all: Flags.boolean({ description: 'all objects of the type in the namespace' }),
    overwrite: Flags.boolean({ description: 'change labels that have another value' }),
    'resource-version': Flags.string({ helpValue: 'VERSION', description: 'only if the object has this version now' }),
  };
  static override examples = [
    '<%= config.bin %> label pod web tier=front',
    '<%= config.bin %> label nodes core-01 core-02 disk=ssd --overwrite',
    '<%= config.bin %> label pods -l app=web old-',
  ];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Label);
    const { changes, words } = readChanges(argv as string[]);
    const printer = await objectPrinter(flags.output);
    const resolve = await readTargets(words, flags, { context: this.context, verb: 'label' });
    const api = await this.connect(flags);
    const show = { done: 'labeled', printer, stdout: this.context.stdout };
    await changeEach(await resolve(api), show, (target) => relabel(api, target, changes, flags));
  }
}

function readChanges(argv: readonly string[]): { changes: Changes; words: string[] } {
  const changes: Record<string, string | null> = {};
  const words: string[] = [];
  for (const word of argv) {
    const equals = word.indexOf('=');
    if (equals > 0) changes[word.slice(0, equals)] = word.slice(equals + 1);
    else if (word.endsWith('-') && words.length > 0) changes[word.slice(0, -1)] = null;
    else words.push(word);
  }
  if (Object.keys(changes).length === 0) throw new UsageError('no labels given: KEY=VALUE sets one, KEY- removes one');
  return { changes, words };
}

interface LabelFlags {
  overwrite: boolean;
  'resource-version'?: string | undefined;
}

async function relabel({ client }: Connection, { kind, namespace, name }: Target, changes: Changes, flags: LabelFlags) {
  const old = await client.get(kind, namespace, name);
  const labels = old.metadata.labels ?? {};
  const differing = Object.entries(changes).filter(([key, value]) => (labels[key] ?? null) !== value);
  for (const [key, value] of differing) {
    if (value !== null && Object.hasOwn(labels, key) && !flags.overwrite) {
      throw new CliError(`'${key}' already has a value (${labels[key]}), and --overwrite is false`);
    }
  }
  const line = (done: string) => `${nameFor(kind, name)} ${done}`;
  if (differing.length === 0) return { object: old, line: line('not labeled') };
  const resourceVersion = flags['resource-version'];
  const metadata = { labels: changes, ...(resourceVersion ? { resourceVersion } : {}) };
  const object = await client.patch(kind, namespace, name, { metadata });
  return { object, line: line(differing.every(([, value]) => value === null) ? 'unlabeled' : 'labeled') };
}
