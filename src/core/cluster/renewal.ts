/**
 * Certificates end. What runs with them is begun anew with fresh ones, months before and in the same process: listeners,
 * connections and the kubelet's server all have them from their start. Containers do not notice.
 */
import type { Clock } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';

export interface Renewals<I> {
  first: I;
  /** Milliseconds since the epoch. */
  validUntil(identity: I): number;
  /** The one before when no newer one can be had now. */
  renew(): Promise<I>;
  /** Resolves when the signal aborts, or it has ended by itself. */
  run(identity: I, signal: AbortSignal): Promise<void>;
  clock: Clock;
  log: Logger;
  signal: AbortSignal;
}

const dayMs = 24 * 3600 * 1000;
/** A third of the year for which they are issued. */
const renewBeforeMs = 120 * dayMs;
/** Timers hold no more than 24 days. */
const lookEveryMs = dayMs;

export async function runWithRenewals<I>(options: Renewals<I>): Promise<void> {
  const { first, run, signal } = options;
  for (let identity: I | undefined = first; identity !== undefined; ) {
    const ending = new AbortController();
    const next: Next<I> = nextIdentity(identity, options, ending);
    try {
      await run(identity, AbortSignal.any([signal, ending.signal]));
    } finally {
      next.stop();
    }
    identity = signal.aborted ? undefined : next.identity();
  }
}

interface Next<I> {
  /** Undefined when none was needed. */
  identity(): I | undefined;
  stop(): void;
}

/** Looks for a newer one when it is time, and then ends what runs with the old one. */
function nextIdentity<I>(old: I, { validUntil, renew, clock, log }: Renewals<I>, ending: AbortController): Next<I> {
  let found: I | undefined;
  let stopped = false;
  let timer = clock.after(lookEveryMs, look);

  function look(): void {
    void lookNow().catch((error: Error) => log.warn(`certificates could not be renewed: ${error.message}`));
    timer = clock.after(lookEveryMs, look);
  }

  async function lookNow(): Promise<void> {
    if (validUntil(old) - clock.now() > renewBeforeMs) return;
    const fresh = await renew();
    if (stopped || validUntil(fresh) <= validUntil(old)) return;
    log.info('certificates renewed');
    found = fresh;
    ending.abort();
  }

  return {
    identity: () => found,
    stop() {
      stopped = true;
      timer.cancel();
    },
  };
}
