/**
 * The way to the cluster: one session at a time, with whichever member answers. When it is lost the next member is
 * tried, and calls wait meanwhile. A call is repeated only when that cannot do it twice.
 */
import { type Clock, sleep } from '../../async/clock.ts';
import type { Logger } from '../../async/log.ts';
import { StoreClosedError, StoreUnavailableError, UnknownOutcomeError } from '../store.ts';
import { problemOf, textOf } from './errors.ts';
import type { Session } from './session.ts';

export interface LinkOptions {
  addresses: readonly string[];
  open(address: string): Session;
  /** Makes a new session fit for calls. */
  prepare(session: Session): Promise<void>;
  /** How long a call may take, with all its attempts. */
  requestTimeoutMs: number;
  /** How long one member has for a session, or for an answer that another could give as well. */
  memberTimeoutMs: number;
  clock: Clock;
  log: Logger;
}

export interface CallOptions {
  deadline: number;
}

const retryPauseMs = 100;
/** How long a call waits for a connection when those before have waited for long. */
const shortWaitMs = 1_000;
const reconnectPauseMs = 200;

export class Link {
  readonly #options: LinkOptions;
  readonly #waiting = new Set<() => void>();
  readonly #ending = new AbortController();
  #session: Session | undefined;
  #lostAt = Number.NEGATIVE_INFINITY;
  #why: Error = new Error('no connection was made yet');

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Resolves with the first session; rejects when a member refuses it, or none answers in time. */
  async start(): Promise<void> {
    this.#lostAt = this.#now();
    const { requestTimeoutMs, addresses } = this.#options;
    const refused = new Promise<never>((_, reject) => void this.#run(reject));
    const missing = new Error(`etcd does not answer at ${addresses.join()}`);
    await Promise.race([refused, this.#live(this.#now() + requestTimeoutMs, missing)]);
  }

  /** `repeatable`: carried out twice it does no harm, and any member may be asked. */
  async call<T>(repeatable: boolean, run: (session: Session, options: CallOptions) => Promise<T>): Promise<T> {
    const { clock, requestTimeoutMs, memberTimeoutMs } = this.#options;
    const end = this.#now() + requestTimeoutMs;
    for (;;) {
      const session = await this.#live(end);
      const left = Math.max(end - this.#now(), 1);
      try {
        if (!repeatable) return await run(session, { deadline: Date.now() + left });
        const deadline = Date.now() + Math.min(left, memberTimeoutMs);
        return await Promise.race([run(session, { deadline }), session.lost]);
      } catch (e) {
        const { meaning, broken, error } = problemOf(e as Error);
        if (broken) session.close(error);
        if (meaning === 'refused') throw error;
        if (meaning === 'unknown' && !repeatable) throw new UnknownOutcomeError(textOf(error));
        if (this.#now() + retryPauseMs > end) throw new StoreUnavailableError(textOf(error));
      }
      await sleep(clock, retryPauseMs, this.#ending.signal);
    }
  }

  close(): void {
    this.#ending.abort();
    this.#session?.close(new StoreClosedError());
    for (const wake of this.#waiting) wake();
  }

  #now(): number {
    return this.#options.clock.monotonic();
  }

  /** The session that calls go over, waited for until `end`. */
  async #live(end: number, missing?: Error): Promise<Session> {
    const { clock, requestTimeoutMs } = this.#options;
    const wait = Math.max(this.#lostAt + requestTimeoutMs, this.#now() + shortWaitMs);
    while (!this.#session) {
      if (this.#ending.signal.aborted) throw new StoreClosedError();
      const left = Math.min(end, wait) - this.#now();
      if (left <= 0) throw missing ? new Error(`${missing.message}: ${textOf(this.#why)}`) : this.#unavailable();
      await new Promise<void>((resolve) => {
        const done = () => {
          timer.cancel();
          this.#waiting.delete(done);
          resolve();
        };
        const timer = clock.after(left, done);
        this.#waiting.add(done);
      });
    }
    return this.#session;
  }

  #unavailable(): Error {
    return new StoreUnavailableError(textOf(this.#why));
  }

  /** Session after session, until the link is closed. */
  async #run(refused: (error: Error) => void): Promise<void> {
    const { addresses, clock, log } = this.#options;
    let failures = 0;
    for (let i = 0; !this.#ending.signal.aborted; i = (i + 1) % addresses.length) {
      try {
        const session = await this.#connect(addresses[i]!);
        failures = 0;
        this.#session = session;
        for (const wake of this.#waiting) wake();
        await session.lost;
      } catch (e) {
        if (this.#ending.signal.aborted) return;
        const error = e as Error;
        if (this.#session) {
          this.#lostAt = this.#now();
          log.warn(`lost etcd at ${addresses[i]}: ${textOf(error)}`);
        } else if (problemOf(error).meaning === 'refused') {
          refused(new Error(`etcd at ${addresses[i]} refuses: ${textOf(error)}`));
        }
        this.#session = undefined;
        this.#why = error;
        if (++failures % addresses.length === 0) await sleep(clock, reconnectPauseMs, this.#ending.signal);
      }
    }
  }

  async #connect(address: string): Promise<Session> {
    const { open, prepare, memberTimeoutMs, clock } = this.#options;
    const session = open(address);
    const close = (why: string) => session.close(new Error(`14 UNAVAILABLE: ${why}`));
    const timer = clock.after(memberTimeoutMs, () => close(`no answer within ${memberTimeoutMs} ms`));
    const abort = () => close('the store is closed');
    this.#ending.signal.addEventListener('abort', abort);
    try {
      await Promise.race([prepare(session), session.lost]);
      return session;
    } catch (error) {
      session.close(error as Error);
      throw error;
    } finally {
      timer.cancel();
      this.#ending.signal.removeEventListener('abort', abort);
    }
  }
}
