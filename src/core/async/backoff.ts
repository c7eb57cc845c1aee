/** How long to wait before trying again: longer after each failure of the same key, never above a cap. */
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

export interface BackoffOptions {
  clock: Clock;
  random: Random;
  /** The first delay; each further one is twice as long. */
  initialMs: number;
  maxMs: number;
  /** Up to this share of a delay is taken off at random, so that many keys do not come back at once. 0 to 1. */
  jitter?: number;
  /** A key that did not fail for so long starts over (twice `maxMs`). */
  forgetAfterMs?: number;
}

interface Failures {
  count: number;
  lastAt: number;
}

export class Backoff {
  readonly #options: Required<BackoffOptions>;
  /** In order of the last failure, so the ones to forget are in front. */
  readonly #failures = new Map<string, Failures>();

  constructor(options: BackoffOptions) {
    this.#options = { jitter: 0.2, forgetAfterMs: 2 * options.maxMs, ...options };
  }

  /** Counts a failure of `key` and answers how long to wait now. */
  next(key: string): number {
    this.#forgetIdle();
    const { clock, random, initialMs, maxMs, jitter } = this.#options;
    const count = (this.#failures.get(key)?.count ?? 0) + 1;
    this.#failures.delete(key);
    this.#failures.set(key, { count, lastAt: clock.now() });
    const delay = Math.min(initialMs * 2 ** (count - 1), maxMs);
    return delay * (1 - jitter * random.next());
  }

  /** Failures in a row. */
  failures(key: string): number {
    this.#forgetIdle();
    return this.#failures.get(key)?.count ?? 0;
  }

  /** `key` is well: its next failure is a first one. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  #forgetIdle(): void {
    const oldest = this.#options.clock.now() - this.#options.forgetAfterMs;
    for (const [key, { lastAt }] of this.#failures) {
      if (lastAt >= oldest) return;
      this.#failures.delete(key);
    }
  }
}
