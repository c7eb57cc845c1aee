/** Answers that take as long as somebody reads them: watches, logs, relays. Counted apart from all others. */
import { setMaxListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import { ApiError } from '../../api/status.ts';
import type { HttpLimits } from './limits.ts';

export class LongAnswers {
  readonly #limits: HttpLimits;
  readonly #open = new Set<ServerResponse>();
  readonly #begun: (answer: ServerResponse) => void;
  readonly #closing = new AbortController();

  /** `begun` hears of each that begins. */
  constructor(limits: HttpLimits, begun: (answer: ServerResponse) => void) {
    this.#limits = limits;
    this.#begun = begun;
    // Every relay listens; that is no leak.
    setMaxListeners(0, this.closing);
  }

  /** From now on no time limit holds for this answer. Throws TooManyRequests, so call it before the first byte. */
  begin(answer: ServerResponse): void {
    if (this.#open.size >= this.#limits.longAnswersMax) {
      const message = 'too many watches, logs and relays at the same time, please try again later';
      throw new ApiError('TooManyRequests', message, { retryAfterSeconds: 1 });
    }
    this.#open.add(answer);
    answer.once('close', () => this.#open.delete(answer));
    // Nothing may have to be said for hours. But what was said has to be read.
    answer.setTimeout(0);
    answer.once('prefinish', () => answer.setTimeout(this.#limits.silenceMs));
    this.#begun(answer);
  }

  has(answer: ServerResponse): boolean {
    return this.#open.has(answer);
  }

  get size(): number {
    return this.#open.size;
  }

  /** Aborted when the server closes: what has no other reason to end then ends. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  close(): void {
    this.#closing.abort();
  }

  [Symbol.iterator](): IterableIterator<ServerResponse> {
    return this.#open.values();
  }
}
