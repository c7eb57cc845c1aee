/** A Clock that stands still until the test moves it. */
import type { Clock, Timer } from '../../src/core/async/clock.ts';

export interface VirtualClock extends Clock {
  /** Timers that have not fired. */
  readonly pending: number;
  /** Moves time forward by `ms`. Timers fire in order, and all work they start is done before the next one fires. */
  advance(ms: number): Promise<void>;
  /** Moves time from timer to timer until `condition` holds. Throws after `withinMs` of the clock's time. */
  runUntil(condition: () => unknown, options?: { withinMs?: number; what?: string }): Promise<void>;
}

interface Entry {
  at: number;
  order: number;
  fn: () => void;
}

/** How long runUntil waits for real input and output when no timer is left to fire. */
const realDeadlineMs = 5_000;

export function virtualClock(start = Date.UTC(2015, 4, 1)): VirtualClock {
  let now = start;
  let order = 0;
  const timers = new Set<Entry>();

  const nextTimer = (): Entry | undefined => {
    let next: Entry | undefined;
    for (const t of timers) if (!next || t.at < next.at || (t.at === next.at && t.order < next.order)) next = t;
    return next;
  };
  const fire = async (timer: Entry) => {
    timers.delete(timer);
    now = Math.max(now, timer.at);
    timer.fn();
    await settle();
  };

  return {
    now: () => now,
    monotonic: () => now - start,
    get pending() {
      return timers.size;
    },
    after(ms, fn): Timer {
      const timer = { at: now + Math.max(0, ms), order: order++, fn };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
    async advance(ms) {
      const target = now + ms;
      await settle();
      for (let next = nextTimer(); next && next.at <= target; next = nextTimer()) await fire(next);
      now = target;
      await settle();
    },
    async runUntil(condition, { withinMs = 3_600_000, what = condition.toString() } = {}) {
      const deadline = now + withinMs;
      let realDeadline = performance.now() + realDeadlineMs;
      for (;;) {
        await settle();
        if (await condition()) return;
        const next = nextTimer();
        if (next && next.at <= deadline) {
          await fire(next);
          realDeadline = performance.now() + realDeadlineMs;
        } else if (next || performance.now() > realDeadline) {
          throw new Error(`not within ${(now - start) / 1000} s of virtual time: ${what}`);
        } else {
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      }
    },
  };
}

/** Lets everything run that needs no time to pass: promises, and immediates until none is left. */
export async function settle(): Promise<void> {
  for (let quiet = 0, rounds = 0; quiet < 2 && rounds < 10_000; rounds++) {
    await new Promise((resolve) => setImmediate(resolve));
    quiet = process.getActiveResourcesInfo().includes('Immediate') ? 0 : quiet + 1;
  }
}
