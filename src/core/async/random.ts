/** Randomness and unique ids come in through constructors too; tests pass a seeded source. */
import { randomBytes, randomUUID } from 'node:crypto';

export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A new RFC 4122 version 4 id. */
  uid(): string;
}

export const systemRandom: Random = {
  next: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
  uid: () => randomUUID(),
};

/** The same numbers and ids for the same seed (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const hex = (digits: number) => Array.from({ length: digits }, () => Math.floor(next() * 16).toString(16)).join('');
  return { next, uid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}` };
}

const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** The five characters that generateName appends (apiserver names.SimpleNameGenerator: no vowels, no look-alikes). */
export function nameSuffix(random: Random, length = 5): string {
  let out = '';
  for (let i = 0; i < length; i++) out += suffixAlphabet[Math.floor(random.next() * suffixAlphabet.length)];
  return out;
}

/** A whole number in [0, n). */
export function pick(random: Random, n: number): number {
  return Math.floor(random.next() * n);
}
