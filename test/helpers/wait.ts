/** Waiting in tests without sleeping: look until the answer is the wanted one, and say what was seen if it never is. */
import { inspect } from 'node:util';

export interface WaitOptions<T> {
  /** The wanted answer; any truthy one unless given. */
  until?: (seen: T) => unknown;
  /** Words for the failure message. */
  what?: string;
  withinMs?: number;
}

/** Calls `look` until it answers as wanted and returns that answer. A `look` that throws has not seen it yet. */
export async function waitFor<T>(look: () => T | Promise<T>, options: WaitOptions<T> = {}): Promise<T> {
  const { until = Boolean, what = look.toString(), withinMs = 5_000 } = options;
  const deadline = performance.now() + withinMs;
  let last: unknown;
  do {
    try {
      const seen = await look();
      if (until(seen)) return seen;
      last = seen;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  } while (performance.now() < deadline);
  throw new Error(`waited ${withinMs} ms for ${what}; last seen: ${inspect(last, { depth: 4 })}`);
}
