/**
 * The language in which the older versions are written: a pair says how a value of v1 becomes one of the old version
 * and back. A struct carries the members it names and no others, so that what an old version never had stays out.
 * Values of the wrong type pass as they are: the strict decoder of the kind, which every body meets next, names them.
 */
import { isObject } from '../decode-errors.ts';

export type Members = Record<string, unknown>;

export interface Pair {
  encode(value: unknown): unknown;
  decode(old: unknown): unknown;
}

/** The same value in both versions. */
export const same: Pair = { encode: (value) => value, decode: (old) => old };

/** Member of v1 → how it is converted, with its name in the old version where that is another one. */
export type Rules = Readonly<Record<string, Pair | readonly [old: string, pair: Pair]>>;

/** What a struct has beyond the members that are converted one by one. Both get a fresh object to complete. */
export interface Extras {
  encode?(old: Members, value: Members): void;
  decode?(value: Members, old: Members): void;
}

export function struct(rules: Rules, extras: Extras = {}): Pair {
  const members = Object.entries(rules).map(([name, rule]) => {
    const [old, pair] = 'encode' in rule ? [name, rule] : rule;
    return { name, old, pair };
  });
  return {
    encode(value) {
      if (!isObject(value)) return value;
      const out: Members = {};
      for (const { name, old, pair } of members) set(out, old, value[name], pair.encode);
      extras.encode?.(out, value);
      return out;
    },
    decode(value) {
      if (!isObject(value)) return value;
      const out: Members = {};
      for (const { name, old, pair } of members) set(out, name, value[old], pair.decode);
      extras.decode?.(out, value);
      return out;
    },
  };
}

/** Null is as good as absent, and so is what a pair makes nothing of. */
function set(out: Members, name: string, value: unknown, convert: (value: unknown) => unknown): void {
  if (value === undefined || value === null) return;
  const converted = convert(value);
  if (converted !== undefined) out[name] = converted;
}

export function list(items: Pair): Pair {
  const each = (convert: Pair['encode']) => (value: unknown) =>
    Array.isArray(value) ? value.map((item) => convert(item)) : value;
  return { encode: each(items.encode), decode: each(items.decode) };
}

/** A word for each word of v1; others pass as they are, for validation to name them. */
export function words(old: Readonly<Record<string, string>>): Pair {
  const back = Object.fromEntries(Object.entries(old).map(([word, oldWord]) => [oldWord, word]));
  const look = (table: Readonly<Record<string, string>>) => (value: unknown) =>
    typeof value === 'string' && Object.hasOwn(table, value) ? table[value] : value;
  return { encode: look(old), decode: look(back) };
}

/** The members of `value`; none when it is something else. */
export const membersOf = (value: unknown): Members => (isObject(value) ? value : {});

/** The members of each item; no items when `value` is something else. */
export const listOf = (value: unknown): Members[] => (Array.isArray(value) ? value.map(membersOf) : []);
