/**
 * The command line: what the verbs of src/commands share. Imports core; nothing in core but src/main.ts imports it.
 * This file finds the verb, runs it, and turns whatever happened into text and an exit code.
 */
import { asksForHelp, normaliseFlags, splitLeadingFlags } from './argv.ts';
import type { Context } from './context.ts';
import { CliError, didYouMean, exitCodes, explain, UsageError } from './errors.ts';
import { VerbConfig } from './oclif.ts';
import { commandLineOf, isOurs } from './programs.ts';
import { flagsOf, type VerbTable } from './verb-table.ts';

export interface CommandLine {
  /** The name we were called by: kubecfg, or fleetctl or hyperkube through a link. */
  program?: string;
  argv: readonly string[];
}

/** Runs one command line and returns its exit code. Prints; never throws. */
export async function main(
  { program = 'kubecfg', argv }: CommandLine,
  verbs: VerbTable,
  context: Context,
): Promise<number> {
  let command = isOurs(program) ? program : 'kubecfg';
  // Clocks let the process end; it must not before the verb has.
  const unfinished = setInterval(() => {}, 2 ** 30);
  try {
    const { leading, rest } = splitLeadingFlags(commandLineOf(program, argv));
    const verb = findVerb(rest, verbs);
    if (!verb) {
      await answerWithoutVerb(leading, rest, verbs, context);
      return exitCodes.done;
    }
    command = `kubecfg ${verb}`;
    const words = [...leading, ...rest.slice(verb.split(' ').length)];
    await runVerb(verb, words, verbs, context);
    return exitCodes.done;
  } catch (error) {
    return fail(error, command, context);
  } finally {
    clearInterval(unfinished);
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
  const { argv, afterDashes } = normaliseFlags(words, flagsOf(Verb));
  const command = new Verb(argv, new VerbConfig());
  await command.execute({ context, verbs, afterDashes });
}

/** No verb was named, or none of ours. */
async function answerWithoutVerb(leading: string[], rest: string[], verbs: VerbTable, context: Context): Promise<void> {
  const [word] = rest;
  if (leading.some((flag) => /^--?version$/.test(flag))) return runVerb('version', ['--client'], verbs, context);
  const { rootHelp, topicHelp } = await import('./help.ts');
  if (word === undefined) {
    if (leading.length > 0 && !asksForHelp(leading)) throw new UsageError('no command given');
    context.stdout.write(await rootHelp(verbs));
    return;
  }
  const subverbs = Object.keys(verbs).filter((verb) => verb.startsWith(`${word} `));
  const sub = rest[1];
  if (subverbs.length > 0 && (sub === undefined || sub.startsWith('-'))) {
    context.stdout.write(await topicHelp(word, verbs));
    return;
  }
  const [named, known] = subverbs.length > 0 ? [`${word} ${sub}`, subverbs] : [word, Object.keys(verbs)];
  throw new UsageError(`unknown command "${named}"${didYouMean(named, known)}`);
}

function fail(error: unknown, command: string, context: Context): number {
  const { text, exitCode } = explain(error, command);
  if (text) context.stderr.write(`${text}\n`);
  if (context.verbosity >= 8 && error instanceof Error) context.stderr.write(`${error.stack}\n`);
  const { aborted, reason } = context.signal;
  return aborted && reason instanceof CliError ? reason.exitCode : exitCode;
}
