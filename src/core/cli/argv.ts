/**
 * Command lines as people type them, turned into what oclif's parser takes: flags may stand before the verb, one dash
 * may stand for two (Go's flag package), `_` for `-` (the 0.17 servers), and a boolean may carry `=true` or `=false`.
 */
import type { FlagInput } from '@oclif/core/interfaces';
import { didYouMean, UsageError } from './errors.ts';

/** Flags that may stand before the verb and take a value; all others before it are booleans. */
const leadingWithValue = new Set([
  ...['server', 's', 'namespace', 'n', 'kubeconfig', 'context', 'data-dir', 'name', 'v', 'verbose', 'output', 'o'],
  ...['filename', 'f', 'selector', 'l', 'field-selector'],
  // kubecfg 0.7.2, whose flags always stood before the method
  ...['h', 'c', 'ns', 'fields', 'u', 'image', 'p', 'api-version'],
]);

/** Takes the verb (and what follows it) apart from the flags in front of it. */
export function splitLeadingFlags(argv: readonly string[]): { leading: string[]; rest: string[] } {
  const leading: string[] = [];
  let i = 0;
  for (; i < argv.length && argv[i]!.startsWith('-') && argv[i] !== '--'; i++) {
    const word = argv[i]!;
    leading.push(word);
    if (takesValue(word) && !isHelp(word, argv[i + 1]) && i + 1 < argv.length) leading.push(argv[++i]!);
  }
  return { leading, rest: argv.slice(i) };
}

function takesValue(word: string): boolean {
  if (word.includes('=')) return false;
  const name = word.replace(/^--?/, '').replaceAll('_', '-');
  return leadingWithValue.has(name);
}

/** `-h` asks for help unless something like a server follows: `-h http://…`, `-h localhost:8080` (kubecfg 0.7.2). */
function isHelp(word: string, next: string | undefined): boolean {
  if (word === '--help' || word === '-help') return true;
  return word === '-h' && !(next !== undefined && /^(https?:\/\/|[\w.-]+:\d+|\d+\.\d+\.\d+\.\d+|localhost)/.test(next));
}

/** True when the words before `--` ask for help. */
export function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  return words.some((word, i) => isHelp(word, words[i + 1]));
}

/** kubecfg 0.7.2's flags for the form of output, and the version flag of all programs. */
const spelledToday: Readonly<Record<string, string>> = { '-json': '--output=json', '-yaml': '--output=yaml' };

export interface ParserInput {
  argv: string[];
  /** What stood behind `--`: oclif would mix it with the other words. */
  afterDashes: string[];
}

/** Rewrites the words after a verb so that oclif's parser takes them; throws on a flag the verb does not have. */
export function normaliseFlags(words: readonly string[], flags: FlagInput): ParserInput {
  const dashes = words.indexOf('--');
  const afterDashes = dashes < 0 ? [] : words.slice(dashes + 1);
  const argv = (dashes < 0 ? words : words.slice(0, dashes)).map((word) => spelledToday[word] ?? word);
  const known = new Map<string, { name: string; takesValue: boolean; allowNo: boolean }>();
  for (const [name, flag] of Object.entries(flags)) {
    const entry = { name, takesValue: flag.type === 'option', allowNo: flag.type === 'boolean' && flag.allowNo };
    for (const alias of [name, ...(flag.aliases ?? [])]) known.set(`--${alias}`, entry);
    for (const char of [flag.char, ...(flag.charAliases ?? [])]) if (char) known.set(`-${char}`, entry);
  }

  const out: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (!word.startsWith('-') || word === '-' || /^-\d/.test(word)) {
      out.push(word);
      continue;
    }
    const { flag, value, rest } = readFlag(word, known);
    if (flag.takesValue) {
      const given = value ?? argv[++i];
      if (given === undefined) throw new UsageError(`flag needs an argument: ${word}`);
      out.push(`--${flag.name}=${given}`);
    } else {
      out.push(...booleanFlag(flag, value, word));
      // The other letters of `-fp`.
      if (rest) argv.splice(i + 1, 0, `-${rest}`);
    }
  }
  return { argv: out, afterDashes };
}

interface KnownFlag {
  name: string;
  takesValue: boolean;
  allowNo: boolean;
}

function readFlag(
  word: string,
  known: ReadonlyMap<string, KnownFlag>,
): { flag: KnownFlag; value?: string | undefined; rest?: string } {
  const equals = word.indexOf('=');
  const bare = equals < 0 ? word : word.slice(0, equals);
  const value = equals < 0 ? undefined : word.slice(equals + 1);
  const long = `--${bare.replace(/^--?/, '').replaceAll('_', '-')}`;

  const short = bare.startsWith('--') ? undefined : known.get(bare.slice(0, 2));
  const exact = bare.length > 2 ? known.get(long) : undefined;
  if (exact) return { flag: exact, value };
  if (short && bare.length === 2) return { flag: short, value };
  if (short?.takesValue) return { flag: short, value: word.slice(2) };
  if (short) return { flag: short, rest: word.slice(2) };

  const negated = known.get(`--${long.slice('--no-'.length)}`);
  if (long.startsWith('--no-') && negated?.allowNo) return { flag: negated, value: 'false' };
  // One letter is too little to guess from.
  const hint = bare.length > 2 ? didYouMean(long, [...known.keys()].filter(isLong)) : '';
  throw new UsageError(`unknown flag: ${bare}${hint}`);
}

const isLong = (flag: string) => flag.startsWith('--');

function booleanFlag(flag: KnownFlag, value: string | undefined, word: string): string[] {
  if (value === undefined || value === 'true') return [`--${flag.name}`];
  if (value !== 'false') throw new UsageError(`${word}: ${flag.name} is true or false`);
  return flag.allowNo ? [`--no-${flag.name}`] : [];
}
