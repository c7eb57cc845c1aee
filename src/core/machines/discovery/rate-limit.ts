/** A rate for each address. */
import type { Clock } from '../../async/clock.ts';
import { TokenBucket } from '../../async/token-bucket.ts';

export interface Rate {
  perSecond: number;
  burst: number;
}

/** The address heard of first is forgotten when there are more. */
const addressesMax = 10_000;

export class RateLimit {
  readonly #rate: Rate;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
  }

  /** Milliseconds until the address may come again; 0 when it may now, which counts. */
  delayMs(address: string): number {
    const now = this.#clock.monotonic();
    const bucket = this.#buckets.get(address) ?? this.#add(address, now);
    const delay = bucket.delayMs(now);
    if (delay === 0) bucket.take(now);
    return delay;
  }

  #add(address: string, now: number): TokenBucket {
    if (this.#buckets.size >= addressesMax) this.#buckets.delete(this.#buckets.keys().next().value!);
    const bucket = new TokenBucket({ ...this.#rate, now });
    this.#buckets.set(address, bucket);
    return bucket;
  }
}
