/** Anything that was started and can be stopped. */
export interface Running {
  /** Ends all work and resolves when nothing of it is left in flight. Calling it twice is harmless. */
  stop(): Promise<void>;
}

/** What works off a queue, or several. */
export interface Queueing extends Running {
  /** What waits in each of them, by its name. */
  queueDepths(): Readonly<Record<string, number>>;
}
