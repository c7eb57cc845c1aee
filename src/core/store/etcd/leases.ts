/**
 * Leases for keys that expire. The end of a lease is part of its id, so that whoever reads a key knows when it goes
 * without asking for the lease. Like kube-apiserver, keys of about the same end share one: each costs etcd a disk write.
 */
import type { Clock } from '../../async/clock.ts';
import type { Random } from '../../async/random.ts';

/** In an id of 63 bits: a tag that tells our leases from others, the second of the end, a random number. */
const tag = 0x6bn;
const endBits = 33n;
const randomBits = 22n;
const sharedForSecondsMax = 60;

interface Shared {
  id: Promise<string>;
  /** Keys written before this moment may still join. */
  openUntil: number;
}

export interface LeasesOptions {
  clock: Clock;
  random: Random;
  /** Makes a lease in etcd; one that is there already will do. */
  grant(id: string, ttlSeconds: number): Promise<void>;
}

export class Leases {
  readonly #options: LeasesOptions;
  readonly #shared = new Map<number, Shared>();

  constructor(options: LeasesOptions) {
    this.#options = options;
  }

  /** The id of a lease that ends in `ttlSeconds`, or a tenth of that and at most a minute later. */
  for(ttlSeconds: number): Promise<string> {
    const { clock } = this.#options;
    const now = clock.now();
    for (const [ttl, { openUntil }] of this.#shared) if (openUntil <= now) this.#shared.delete(ttl);
    const shared = this.#shared.get(ttlSeconds);
    if (shared) return shared.id;
    const sharedForSeconds = Math.min(Math.floor(ttlSeconds / 10), sharedForSecondsMax);
    const id = this.#grant(ttlSeconds + sharedForSeconds);
    this.#shared.set(ttlSeconds, { id, openUntil: now + sharedForSeconds * 1000 });
    id.catch(() => this.forget());
    return id;
  }

  /** A lease was lost: none of those known is to be used again. */
  forget(): void {
    this.#shared.clear();
  }

  async #grant(ttlSeconds: number): Promise<string> {
    const { clock, random, grant } = this.#options;
    const end = BigInt(Math.ceil(clock.now() / 1000) + ttlSeconds);
    const number = BigInt(Math.floor(random.next() * 2 ** Number(randomBits)));
    const id = String((tag << (endBits + randomBits)) | (end << randomBits) | number);
    await grant(id, ttlSeconds);
    return id;
  }
}

/** When a key with this lease expires, in milliseconds since the epoch; undefined when it has none, or a foreign one. */
export function expiryOf(lease: string): number | undefined {
  if (lease === '0') return undefined;
  const id = BigInt(lease);
  if (id >> (endBits + randomBits) !== tag) return undefined;
  return Number((id >> randomBits) & ((1n << endBits) - 1n)) * 1000;
}
