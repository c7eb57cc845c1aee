/** Deletes keys whose time has come, driven by one timer for the earliest of them. */
import type { Clock, Timer } from '../../async/clock.ts';
import { compareKeys } from '../keys.ts';
import type { KeyValue } from '../store.ts';
import { BTree } from './sorted.ts';

/** Deleted in one turn, so that a burst of expiries does not hold up others' writes for long. */
const expireTogether = 500;
const retryMs = 1_000;
/** A timer holds at most 2^31 ms; waking once a day for nothing costs nothing. */
const waitMsMax = 24 * 60 * 60 * 1000;

interface Due {
  at: number;
  key: string;
}

export class Expiry {
  readonly #clock: Clock;
  /** Deletes these keys if they still are as given; resolves to whether all that was done. */
  readonly #expire: (kvs: readonly KeyValue[]) => Promise<boolean>;
  readonly #kvs = new BTree<Due, KeyValue>(undefined, (a, b) => a.at - b.at || compareKeys(a.key, b.key));
  #timer: Timer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(clock: Clock, expire: (kvs: readonly KeyValue[]) => Promise<boolean>) {
    this.#clock = clock;
    this.#expire = expire;
  }

  track(kv: KeyValue): void {
    if (kv.expiresAt === undefined) return;
    this.#kvs.set({ at: kv.expiresAt, key: kv.key }, kv);
    this.#arm(kv.expiresAt);
  }

  untrack(kv: KeyValue): void {
    if (kv.expiresAt !== undefined) this.#kvs.delete({ at: kv.expiresAt, key: kv.key });
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** Makes sure that the timer fires at `at` or before. */
  #arm(at: number): void {
    if (this.#stopped || at >= this.#timerAt) return;
    this.#timer?.cancel();
    this.#timerAt = at;
    const waitMs = Math.min(Math.max(at - this.#clock.now(), 0), waitMsMax);
    this.#timer = this.#clock.after(waitMs, () => void this.#fire());
  }

  async #fire(): Promise<void> {
    const now = this.#clock.now();
    const due: KeyValue[] = [];
    for (const [{ at }, kv] of this.#kvs.entries()) {
      if (at > now || due.length === expireTogether) break;
      due.push(kv);
    }
    const done = due.length === 0 || (await this.#expire(due));
    this.#timerAt = Number.POSITIVE_INFINITY;
    const next = this.#kvs.minKey();
    if (next) this.#arm(done ? next.at : this.#clock.now() + retryMs);
  }
}
