/** What may follow the words typed so far: verbs, flags and types from the tables, names from the server. */
import type { Kind } from '../api/kind.ts';
import { kindByWord, kinds, Namespace } from '../api/kinds/index.ts';
import { splitLeadingFlags } from './argv.ts';
import { flagsOf, type VerbClass, type VerbTable } from './verb-table.ts';

/** Asks the server for the names of a kind; an empty list when nobody answers. */
export type NamesOf = (kind: Kind, words: readonly string[]) => Promise<string[]>;

/** `words` end with the one that is being typed, which may be ''. */
export async function complete(words: readonly string[], verbs: VerbTable, namesOf: NamesOf): Promise<string[]> {
  const typed = words.at(-1) ?? '';
  const { rest } = splitLeadingFlags(words.slice(0, -1));
  const candidates = await candidatesFor([...rest, typed], words, { verbs, namesOf });
  return candidates.filter((candidate) => candidate.startsWith(typed)).sort();
}

interface Tables {
  verbs: VerbTable;
  namesOf: NamesOf;
}

async function candidatesFor(rest: string[], words: readonly string[], { verbs, namesOf }: Tables): Promise<string[]> {
  const typed = rest.at(-1)!;
  const before = rest.slice(0, -1);
  const verb = [before.slice(0, 2).join(' '), before[0] ?? ''].find((v) => Object.hasOwn(verbs, v));
  if (!verb) return nextVerbWords(before, verbs);
  const { default: Verb } = await verbs[verb]!();
  const flags = flagsOf(Verb);
  if (typed.startsWith('-'))
    return Object.keys(flags)
      .filter((name) => !flags[name]!.hidden)
      .map((name) => `--${name}`);
  const previous = before.at(-1) ?? '';
  if (previous === '-n' || previous === '--namespace') return namesOf(Namespace as unknown as Kind, words);
  if (flagTakesValue(previous, Verb)) return [];
  const named = wordsOnly(before.slice(verb.split(' ').length), Verb);
  return Verb.completes === 'resource' ? resourceWords(typed, named, (kind) => namesOf(kind, words)) : [];
}

function nextVerbWords(before: string[], verbs: VerbTable): string[] {
  const prefix = before.map((word) => `${word} `).join('');
  const next = Object.keys(verbs)
    .filter((verb) => verb.startsWith(prefix) && !verb.startsWith('__'))
    .map((verb) => verb.slice(prefix.length).split(' ')[0]!);
  return [...new Set(next)];
}

async function resourceWords(
  typed: string,
  named: string[],
  names: (kind: Kind) => Promise<string[]>,
): Promise<string[]> {
  const slash = typed.indexOf('/');
  if (slash > 0) {
    const kind = kindByWord(typed.slice(0, slash));
    return kind ? (await names(kind)).map((name) => `${typed.slice(0, slash)}/${name}`) : [];
  }
  const [type] = named;
  if (type === undefined) return kinds.filter((kind) => kind.columns.length > 0).map((kind) => kind.plural);
  const kind = kindByWord(type);
  return kind ? names(kind) : [];
}

function flagTakesValue(word: string, Verb: VerbClass): boolean {
  if (!word.startsWith('-') || word.includes('=')) return false;
  const found = Object.entries(flagsOf(Verb)).find(([name, flag]) => word === `--${name}` || word === `-${flag.char}`);
  return found?.[1].type === 'option';
}

/** Without flags and their values. */
function wordsOnly(words: readonly string[], Verb: VerbClass): string[] {
  return words.filter((word, i) => !word.startsWith('-') && !flagTakesValue(words[i - 1] ?? '', Verb));
}

/** Each script asks `kubecfg __complete` and falls back to files when it has nothing to offer. */
export const completionScripts = {
  bash: `_kubecfg() {
  local IFS=$'\\n'
  COMPREPLY=($(kubecfg __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _kubecfg kubecfg
`,
  zsh: `#compdef kubecfg
_kubecfg() {
  local -a found
  found=("\${(@f)$(kubecfg __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then compadd -- "\${found[@]}"; else _files; fi
}
compdef _kubecfg kubecfg
`,
  fish: `function __kubecfg_complete
  set -l words (commandline -opc) (commandline -ct)
  kubecfg __complete -- $words[2..-1] 2>/dev/null
end
complete -c kubecfg -a '(__kubecfg_complete)'
`,
} as const;
