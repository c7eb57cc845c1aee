/**
 * The command line: what the verbs of src/commands share. Imports core; nothing in core but src/main.ts imports it.
 * This file finds the verb, runs it, and turns whatever happened into text and an exit code.
 */
import { asksForHelp, normaliseFlags, splitLeadingFlags } from './argv.ts';
import type { BaseCommand } from './base.ts';
import type { Context } from './context.ts';
import { didYouMean, explain, UsageError } from './errors.ts';
import { VerbConfig } from './oclif.ts';

/** A concrete verb: BaseCommand's statics, and a constructor. */
export type VerbClass = Pick<typeof BaseCommand, keyof typeof BaseCommand> &
  (new (
    argv: string[],
    config: VerbConfig,
  ) => BaseCommand);

/** Verb → its file, loaded when the verb is used. Words of a verb are separated by a space: `config view`. */
export type VerbTable = Readonly<Record<string, () => Promise<{ default: VerbClass }>>>;

/** Runs one command line and returns its exit code. Prints; never throws. */
export async function main(argv: readonly string[], verbs: VerbTable, context: Context): Promise<number> {
  let command = 'kubecfg';
  try {
    const { leading, rest } = splitLeadingFlags(argv);
    const verb = findVerb(rest, verbs);
    if (!verb) return await showHelp(leading, rest, verbs, context);
    command = `kubecfg ${verb}`;
    const words = [...leading, ...rest.slice(verb.split(' ').length)];
    await runVerb(verb, words, verbs, context);
    return 0;
  } catch (error) {
    return fail(error, command, context);
  }
}

function findVerb(words: readonly string[], verbs: VerbTable): string | undefined {
  const two = words.slice(0, 2).join(' ');
  return [two, words[0] ?? ''].find((verb) => Object.hasOwn(verbs, verb));
}

async function runVerb(verb: string, words: string[], verbs: VerbTable, context: Context): Promise<void> {
  const { default: Verb } = await verbs[verb]!();
  Verb.id = verb;
  if (asksForHelp(words)) {
    const { verbHelp } = await import('./help.ts');
    context.stdout.write(verbHelp(verb, Verb, context));
    return;
  }
  const command = new Verb(normaliseFlags(words, { ...Verb.baseFlags, ...Verb.flags }), new VerbConfig());
  command.context = context;
  await command.execute();
}

/** No verb was named, or none of ours. */
async function showHelp(leading: string[], rest: string[], verbs: VerbTable, context: Context): Promise<number> {
  const { rootHelp, topicHelp } = await import('./help.ts');
  const [word] = rest;
  if (word === undefined) {
    const asked = leading.length === 0 || asksForHelp(leading);
    if (!asked) throw new UsageError('no command given');
    context.stdout.write(await rootHelp(verbs));
    return 0;
  }
  const topic = Object.keys(verbs).some((verb) => verb.startsWith(`${word} `));
  if (!topic) throw new UsageError(`unknown command "${word}"${didYouMean(word, Object.keys(verbs))}`);
  const sub = rest[1];
  if (sub !== undefined && !sub.startsWith('-')) {
    const names = Object.keys(verbs).filter((verb) => verb.startsWith(`${word} `));
    throw new UsageError(`unknown command "${word} ${sub}"${didYouMean(`${word} ${sub}`, names)}`);
  }
  context.stdout.write(await topicHelp(word, verbs));
  return 0;
}

function fail(error: unknown, command: string, context: Context): number {
  const { text, exitCode } = explain(error, command);
  if (text) context.stderr.write(`${text}\n`);
  if (context.verbosity >= 8 && error instanceof Error) context.stderr.write(`${error.stack}\n`);
  return exitCode;
}
