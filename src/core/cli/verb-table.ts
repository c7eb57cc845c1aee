/** What a table of verbs is. The one there is stands in src/commands/index.ts. */
import type { FlagInput } from '@oclif/core/interfaces';
import type { BaseCommand } from './base.ts';
import type { VerbConfig } from './oclif.ts';

/** A concrete verb: BaseCommand's statics, and a constructor. */
export type VerbClass = Pick<typeof BaseCommand, keyof typeof BaseCommand> &
  (new (
    argv: string[],
    config: VerbConfig,
  ) => BaseCommand);

/** Verb → its file, loaded when the verb is used. Words of a verb are separated by a space: `config view`. */
export type VerbTable = Readonly<Record<string, () => Promise<{ default: VerbClass }>>>;

/** Its own flags and those it shares with others. */
export function flagsOf(Verb: VerbClass): FlagInput {
  return { ...Verb.baseFlags, ...Verb.flags };
}
