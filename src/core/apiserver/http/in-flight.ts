/** Requests that were not answered within the call that brought them: bounded in number and in time. */

import { ApiError } from '../../api/status.ts';
import type { Clock, Timer } from '../../async/clock.ts';
import type { Exchange } from './exchange.ts';
import type { HttpLimits } from './limits.ts';
import { LongAnswers } from './long-answers.ts';

export class InFlight {
  readonly long: LongAnswers;
  readonly #clock: Clock;
  readonly #limits: HttpLimits;
  readonly #late: (exchange: Exchange) => void;
  /** When each has to be answered, the earliest first. */
  readonly #open = new Map<object, { readonly exchange: Exchange; readonly due: number }>();
  #timer: Timer | undefined;

  /** `late` is told of each that was not answered in time. */
  constructor(clock: Clock, limits: HttpLimits, late: (exchange: Exchange) => void) {
    this.#clock = clock;
    this.#limits = limits;
    this.#late = late;
    this.long = new LongAnswers(limits, (answer) => this.#open.delete(answer));
  }

  /** How many there are, long answers aside. */
  get size(): number {
    return this.#open.size;
  }

  /** Throws TooManyRequests when there is no room for one more. */
  admit(): void {
    if (this.#open.size < this.#limits.requestsMax) return;
    const message = 'too many requests at the same time, please try again later';
    throw new ApiError('TooManyRequests', message, { retryAfterSeconds: 1 });
  }

  track(exchange: Exchange): void {
    const { response } = exchange;
    if (this.long.has(response)) return;
    const { answerMs } = this.#limits;
    this.#open.set(response, { exchange, due: this.#clock.monotonic() + answerMs });
    response.once('close', () => this.#open.delete(response));
    // One timer watches over all of them.
    this.#timer ??= this.#clock.after(answerMs, () => this.#look());
  }

  *[Symbol.iterator](): Generator<Exchange> {
    for (const { exchange } of this.#open.values()) yield exchange;
  }

  close(): void {
    this.#timer?.cancel();
  }

  #look(): void {
    this.#timer = undefined;
    const now = this.#clock.monotonic();
    for (const [response, { exchange, due }] of this.#open) {
      if (due > now) {
        this.#timer = this.#clock.after(due - now, () => this.#look());
        return;
      }
      this.#open.delete(response);
      this.#late(exchange);
    }
  }
}
