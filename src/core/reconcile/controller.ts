/**
 * What a loop must declare; the runner (./runner.ts) does the rest: queue of keys without duplicates, one worker per
 * key, back-off with jitter, periodic resync, stop. Level-driven: handlers only name keys, `plan` reads caches anew.
 */

/** One thing to do, and why. The reason goes to the log and where it matters into an event. */
export interface Step {
  readonly type: string;
  readonly reason: string;
}

/** One function per step type: a new step without an executor does not compile. */
export type Executors<S extends Step> = {
  readonly [K in S['type']]: (step: Extract<S, { type: K }>, key: string) => Promise<void>;
};

export interface Plan<S extends Step> {
  readonly steps: readonly S[];
  /** Look at this key again after so many milliseconds, though nothing changed. */
  readonly againAfterMs?: number;
}

export interface Controller<S extends Step> {
  readonly name: string;
  /** Resolves when the caches that plan reads are filled. */
  synced(): Promise<unknown>;
  /** Subscribes to what may change a key and calls enqueue for it. Returns the unsubscriber. */
  watch(enqueue: (key: string, afterMs?: number) => void): () => void;
  /** Desired against observed, from caches only; no I/O, no clock but the injected one. */
  plan(key: string): Plan<S>;
  readonly execute: Executors<S>;
  /** Steps of one plan run one after the other unless true. A failing step ends the plan; the key is tried again later. */
  readonly parallel?: boolean;
  /** All known keys are looked at again this often; a lost event costs time, never state. */
  readonly resyncEveryMs?: number;
  /** Keys for the resync. */
  keys(): Iterable<string>;
  /** How many keys are worked on at the same time. */
  readonly workers?: number;
}
