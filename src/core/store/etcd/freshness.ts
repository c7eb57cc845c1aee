/**
 * How far everybody's writes have come, and waiting until the feed has come as far.
 *
 * One question to the cluster, without a key in its answer, serves all who ask while the one before is on its way. The
 * revision it tells may belong to keys of somebody else, of which no watch of ours tells. Then a mark is written, whose
 * event comes behind all that were before. etcd can be asked for its progress, but up to 3.4.24 and 3.5.7 the answer may
 * overtake events (etcd-io/etcd#15220): it only says that it is time for a mark.
 */

import type { Clock } from '../../async/clock.ts';
import { StoreUnavailableError } from '../store.ts';

export interface FreshnessOptions {
  clock: Clock;
  /** How long anybody waits for the feed. */
  timeoutMs: number;
  /** Asks the cluster for its revision. */
  ask(): Promise<number>;
  /** Everything up to here has been told to watches. */
  reached(): number;
  askProgress(): void;
  /** Writes a key that the feed's watch sees. */
  writeMark(): Promise<unknown>;
}

interface Waiter {
  readonly revision: number;
  /** Its revision may be somebody else's, and need a mark to be reached. */
  readonly needsMark: boolean;
  /** Without an error the revision has been reached. */
  done(error?: Error): void;
}

export class Freshness {
  readonly #options: FreshnessOptions;
  readonly #waiters = new Set<Waiter>();
  /** On its way. */
  #asking: Promise<number> | undefined;
  /** Begins when that one has been answered. */
  #next: Promise<number> | undefined;
  #progressAsked = false;
  #marking = false;

  constructor(options: FreshnessOptions) {
    this.#options = options;
  }

  /** The feed shows all that was answered to anybody before this call; resolves with its revision. */
  confirm(): Promise<number> {
    const { clock, timeoutMs } = this.#options;
    return new Promise((resolve, reject) => {
      // Who comes while a question is on its way waits for two answers, and not for two timeouts.
      const late = `etcd has not told its revision within ${timeoutMs} ms`;
      const timer = clock.after(timeoutMs, () => reject(new StoreUnavailableError(late)));
      this.#confirm()
        .then(resolve, reject)
        .finally(() => timer.cancel());
    });
  }

  /** Resolves when the feed has come to `revision`, which etcd has reached, whoever's keys it was about. */
  reach(revision: number): Promise<void> | undefined {
    if (this.#options.reached() >= revision) return undefined;
    this.#askProgress();
    return this.#wait(revision, true);
  }

  /** Resolves when the feed has come to `revision`, which was about a key of ours. */
  told(revision: number): Promise<void> | undefined {
    return this.#options.reached() >= revision ? undefined : this.#wait(revision, false);
  }

  /** The feed has moved. */
  moved(): void {
    const reached = this.#options.reached();
    for (const waiter of this.#waiters) if (waiter.revision <= reached) waiter.done();
  }

  /** There is another connection, which knows nothing of earlier questions. */
  reconnected(): void {
    this.#progressAsked = false;
    if (this.#waiters.size > 0) this.#askProgress();
  }

  /** The member has come to `revision`. If the feed has not, it may be for want of events. */
  progressed(revision: number): void {
    this.#progressAsked = false;
    this.moved();
    const missing = [...this.#waiters].filter((waiter) => waiter.needsMark);
    if (missing.some((waiter) => waiter.revision > revision)) this.#askProgress();
    if (this.#marking || !missing.some((waiter) => waiter.revision <= revision)) return;
    this.#marking = true;
    const failed = (error: Error) => {
      for (const waiter of this.#waiters) if (waiter.needsMark) waiter.done(error);
    };
    this.#options
      .writeMark()
      .catch(failed)
      .finally(() => {
        this.#marking = false;
      });
  }

  fail(error: Error): void {
    for (const waiter of this.#waiters) waiter.done(error);
  }

  #askProgress(): void {
    if (this.#progressAsked) return;
    this.#progressAsked = true;
    this.#options.askProgress();
  }

  #wait(revision: number, needsMark: boolean): Promise<void> {
    const { clock, timeoutMs } = this.#options;
    return new Promise((resolve, reject) => {
      const late = `the watch on etcd did not come to revision ${revision} within ${timeoutMs} ms`;
      const timer = clock.after(timeoutMs, () => waiter.done(new StoreUnavailableError(late)));
      const waiter: Waiter = {
        revision,
        needsMark,
        done: (error) => {
          this.#waiters.delete(waiter);
          timer.cancel();
          if (error) reject(error);
          else resolve();
        },
      };
      this.#waiters.add(waiter);
    });
  }

  async #confirm(): Promise<number> {
    const revision = await this.#ask();
    await this.reach(revision);
    return this.#options.reached();
  }

  /** A question on its way may have been answered already: who comes now needs the next one. */
  #ask(): Promise<number> {
    if (!this.#asking) return this.#begin();
    const begin = () => {
      this.#next = undefined;
      return this.#begin();
    };
    this.#next ??= this.#asking.then(begin, begin);
    return this.#next;
  }

  #begin(): Promise<number> {
    const asking = this.#options.ask();
    this.#asking = asking;
    const done = () => {
      if (this.#asking === asking) this.#asking = undefined;
    };
    asking.then(done, done);
    return asking;
  }
}
