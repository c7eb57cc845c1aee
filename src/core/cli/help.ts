/** Help texts: one for the program, one for a topic, and oclif's page for each verb. */
import type { Command } from '@oclif/core/command';
import { CommandHelp } from '@oclif/core/help';
import { groups } from './base.ts';
import type { Context } from './context.ts';
import { exitCodes } from './errors.ts';
import { VerbConfig } from './oclif.ts';
import { flagsOf, type VerbClass, type VerbTable } from './verb-table.ts';

const exitCodeText = `EXIT CODES
  ${exitCodes.done} done · ${exitCodes.failed} failed · ${exitCodes.usage} wrong command line · \
${exitCodes.timedOut} timed out · ${exitCodes.interrupted} interrupted
`;

export async function rootHelp(verbs: VerbTable): Promise<string> {
  const classes = await loadAll(verbs);
  const width = Math.max(...classes.map(([verb]) => verb.length)) + 2;
  const section = (group: string) => {
    const lines = classes.filter(([, Verb]) => Verb.group === group && !Verb.hidden);
    return `${group.toUpperCase()}\n${lines.map(([v, V]) => `  ${v.padEnd(width)}${V.summary ?? ''}`).join('\n')}\n`;
  };
  return [
    'kubecfg runs a container cluster: machines, pods, replication controllers and services, in one program.\n',
    'USAGE\n  kubecfg COMMAND [WORDS] [FLAGS]\n',
    ...groups.map(section),
    exitCodeText,
    "'kubecfg COMMAND --help' shows a command's flags and examples; 'kubecfg up' starts a local cluster.\n",
  ].join('\n');
}

export async function topicHelp(topic: string, verbs: VerbTable): Promise<string> {
  const classes = (await loadAll(verbs)).filter(([verb]) => verb.startsWith(`${topic} `));
  const width = Math.max(...classes.map(([verb]) => verb.length)) + 2;
  const lines = classes.map(([verb, Verb]) => `  ${verb.padEnd(width)}${Verb.summary ?? ''}`);
  return `USAGE\n  kubecfg ${topic} COMMAND\n\nCOMMANDS\n${lines.join('\n')}\n`;
}

/** oclif's page: usage, arguments, flags, description, examples; and the exit codes. */
export function verbHelp(verb: string, Verb: VerbClass, { stdout }: Pick<Context, 'stdout'>): string {
  const { summary, description, examples, aliases, strict, usage } = Verb;
  const args = Object.fromEntries(Object.entries(Verb.args).map(([name, arg]) => [name, { ...arg, name }]));
  const flags = flagsOf(Verb);
  const loadable = { id: verb, description, examples, aliases, strict, args, flags };
  const maxWidth = Math.min(Math.max(stdout.columns ?? 100, 60), 120);
  const options = { maxWidth, stripAnsi: !stdout.isTTY, docopts: false };
  const page = new CommandHelp({ ...loadable, usage } as unknown as Command.Loadable, new VerbConfig(), options);
  return `${summary ?? ''}\n\n${page.generate()}\n\n${exitCodeText}`;
}

export async function loadAll(verbs: VerbTable): Promise<[string, VerbClass][]> {
  return Promise.all(
    Object.entries(verbs).map(async ([verb, load]): Promise<[string, VerbClass]> => [verb, (await load()).default]),
  );
}
