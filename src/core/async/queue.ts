/**
 * A work queue of keys (client-go's workqueue). A key waits in it at most once, however often it is added; it is worked
 * on by one worker at a time; added meanwhile, it is worked on again afterwards. Work that throws is tried again.
 */
import type { Backoff } from './backoff.ts';
import type { Clock, Timer } from './clock.ts';
import type { Running } from './running.ts';

export interface WorkQueueOptions {
  clock: Clock;
  backoff: Backoff;
  work(key: string): Promise<void>;
  /** Work on `key` threw; it is tried again after so long. */
  failed(key: string, error: unknown, retryInMs: number): void;
  /** How many keys are worked on at the same time. */
  workers?: number;
  /** How many keys may wait, those with a delay included. */
  capacity?: number;
}

/** Keys started before other events of the process get their turn: cheap work in bulk must not hold up the sockets. */
const keysPerTurn = 50;

export class WorkQueue implements Running {
  readonly #options: Required<WorkQueueOptions>;
  readonly #ready = new Set<string>();
  readonly #delayed = new Map<string, { at: number; timer: Timer }>();
  readonly #working = new Map<string, Promise<void>>();
  /** Keys added while they were worked on. */
  readonly #again = new Set<string>();
  #idleWaiters: (() => void)[] = [];
  #turnScheduled = false;
  #startsLeft = 0;
  #stopped = false;

  constructor(options: WorkQueueOptions) {
    this.#options = { workers: 1, capacity: 100_000, ...options };
  }

  /** Keys that wait, those with a delay included. */
  get size(): number {
    return this.#ready.size + this.#again.size + this.#delayed.size;
  }

  /**
   * Work starts in a later turn of the event loop, never inside this call. Of two delays for one key the earlier counts.
   * False when the queue is full or stopped and the key was not taken.
   */
  add(key: string, afterMs = 0): boolean {
    if (this.#stopped) return false;
    const waits = this.#ready.has(key) || this.#again.has(key) || this.#delayed.has(key);
    if (!waits && this.size >= this.#options.capacity) return false;
    if (afterMs > 0) this.#delay(key, afterMs);
    else this.#makeReady(key);
    return true;
  }

  /** Resolves when no key is ready or worked on; keys with a delay may still wait. */
  drained(): Promise<void> {
    if (this.#idle()) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { timer } of this.#delayed.values()) timer.cancel();
    for (const waiting of [this.#delayed, this.#ready, this.#again]) waiting.clear();
    await Promise.all(this.#working.values());
    this.#wakeIfIdle();
  }

  #delay(key: string, afterMs: number): void {
    const at = this.#options.clock.now() + afterMs;
    const earlier = this.#delayed.get(key);
    if (earlier && earlier.at <= at) return;
    earlier?.timer.cancel();
    const timer = this.#options.clock.after(afterMs, () => {
      this.#delayed.delete(key);
      this.#makeReady(key);
    });
    this.#delayed.set(key, { at, timer });
  }

  #makeReady(key: string): void {
    if (this.#working.has(key)) {
      this.#again.add(key);
      return;
    }
    this.#ready.add(key);
    this.#scheduleTurn();
  }

  #scheduleTurn(): void {
    if (this.#turnScheduled) return;
    this.#turnScheduled = true;
    setImmediate(() => {
      this.#turnScheduled = false;
      this.#startsLeft = keysPerTurn;
      this.#fill();
    });
  }

  #fill(): void {
    for (const key of this.#ready) {
      if (this.#working.size >= this.#options.workers) return;
      if (this.#startsLeft-- <= 0) {
        this.#scheduleTurn();
        return;
      }
      this.#ready.delete(key);
      this.#working.set(key, this.#work(key));
    }
  }

  async #work(key: string): Promise<void> {
    const { backoff, work, failed } = this.#options;
    // The caller must have noted the key as worked on before anything of it runs.
    await null;
    try {
      await work(key);
      backoff.forget(key);
    } catch (error) {
      const retryInMs = backoff.next(key);
      if (!this.#stopped) this.#delay(key, retryInMs);
      failed(key, error, retryInMs);
    }
    this.#working.delete(key);
    if (this.#again.delete(key)) this.#ready.add(key);
    this.#fill();
    this.#wakeIfIdle();
  }

  #idle(): boolean {
    return this.#ready.size === 0 && this.#working.size === 0;
  }

  #wakeIfIdle(): void {
    if (!this.#idle()) return;
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const wake of waiters) wake();
  }
}
