/**
 * Leader election by a Lease, as client-go does it: of several that want to lead, one holds the lease and renews it, and
 * the others take it over when it was not renewed for its duration. Nobody's clock is compared with another's: that
 * duration is counted from when a change of the lease was seen. Other than client-go, those who stand by watch the lease
 * in place of asking for it again and again, so a clean hand-over takes as long as two writes. Whoever loses the lease
 * stands by again.
 *
 *   standing by ──took the lease──▶ leading ──renewed in time──▶ leading
 *        ▲                            │
 *        └──somebody else has it, or not renewed within the deadline
 */
import { hostname } from 'node:os';
import { Lease } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import type { Term } from '../api/request.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../api/status.ts';
import { microTimestamp } from '../api/time.ts';
import type { Clock } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import type { Random } from '../async/random.ts';
import type { Running } from '../async/running.ts';
import type { Client } from './client.ts';
import type { Informers } from './informers.ts';
import type { EventRecorder } from './recorder.ts';

export interface ElectionDeps {
  client: Client;
  informers: Informers;
  /** Of its own: what it says is about who leads, not said by the leader. */
  recorder: EventRecorder;
  clock: Clock;
  log: Logger;
}

export interface ElectionOptions {
  /** Of the lease, such as kube-scheduler. */
  name: string;
  /** Unlike all others'. */
  identity: string;
  /** Whether a holder is known to be no more, so that its lease need not be waited for. */
  isGone?: (holder: string) => boolean;
  /** Starts the work; its writes are to be made within `term`, which is undefined once the lease is lost. */
  lead(term: () => Term | undefined): Running | Promise<Running>;
}

const namespace = 'kube-system';
/**
 * client-go's proportions (15, 10 and 2 s) on a duration that leaves time to take over within 15 s of a crash: whoever
 * leads gives up, by its own clock, well before anybody else may take over.
 */
const durationMs = 12_000;
const deadlineMs = 8_000;
const renewEveryMs = 4_000;
const tryAgainMs = 1_000;

/** The machine's name, where its processes do not share one, and something that no other process has. */
export const newIdentity = (random: Random, machine = hostname()): string => `${machine}_${random.uid()}`;

/** Runs for the lead from now on. stop() ends the work, and then gives the lease back. */
export function runForLeader(deps: ElectionDeps, options: ElectionOptions): Running {
  const election = new Election(deps, options);
  const running = election.run();
  return {
    async stop() {
      election.end();
      await running;
    },
  };
}

class Election {
  readonly #deps: ElectionDeps;
  readonly #options: ElectionOptions;
  readonly #stopping = new AbortController();
  /** The lease as last seen or written, and when its last change was seen. */
  #lease: Stored<Lease> | undefined;
  #revision = 0;
  #seenAt = 0;
  #term: Term | undefined;
  /** Ends the wait of the loop that is waiting. */
  #wake = () => {};

  constructor(deps: ElectionDeps, options: ElectionOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  end(): void {
    this.#stopping.abort();
    this.#wake();
  }

  async run(): Promise<void> {
    const { informers, log } = this.#deps;
    const leases = informers.for(Lease, { namespace });
    await leases.synced().catch(() => this.end());
    const unsubscribe = leases.subscribe(({ type, object }) => {
      if (object.metadata.name !== this.#options.name) return;
      this.#saw(type === 'deleted' ? undefined : object, object.metadata.resourceVersion);
    });
    while (!this.#stopping.signal.aborted) {
      if (!(await this.#take())) continue;
      const { name } = this.#options;
      log.info(`${name}: leading`);
      const work = await this.#options.lead(() => this.#term);
      await this.#renew();
      const isLost = !this.#stopping.signal.aborted;
      if (isLost) {
        this.#term = undefined;
        log.warn(`${name}: not leading any more`);
      }
      await work.stop();
      if (!isLost) await this.#release();
      this.#say('stopped leading');
    }
    unsubscribe();
  }

  /** What the lease became at this revision. What is older than what we know says nothing. */
  #saw(lease: Stored<Lease> | undefined, revision: string): void {
    if (Number(revision) <= this.#revision) return;
    this.#lease = lease;
    this.#revision = Number(revision);
    this.#seenAt = this.#deps.clock.monotonic();
    this.#wake();
  }

  /** Waits until the lease may be taken, and takes it; false when somebody else was faster, or at the end. */
  async #take(): Promise<boolean> {
    const waitMs = this.#freeIn();
    if (waitMs > 0) {
      await this.#waitFor(waitMs);
      return false;
    }
    const { clock } = this.#deps;
    const { identity, name } = this.#options;
    const { holderIdentity, leaseTransitions = 0 } = this.#lease?.spec ?? {};
    const transitions = leaseTransitions + (this.#lease && holderIdentity !== identity ? 1 : 0);
    if (!(await this.#write({ acquireTime: microTimestamp(clock.now()), leaseTransitions: transitions }))) {
      if (this.#freeIn() === 0) await this.#waitFor(tryAgainMs);
      return false;
    }
    this.#term = { namespace, name, holder: identity, transitions };
    this.#say('became leader');
    return true;
  }

  /** In client-go's words. */
  #say(what: string): void {
    const { identity } = this.#options;
    if (this.#lease) this.#deps.recorder.event(this.#lease, 'Normal', 'LeaderElection', `${identity} ${what}`);
  }

  /** Milliseconds until nobody has the lease any more; 0 when that is so. */
  #freeIn(): number {
    const { holderIdentity: holder, leaseDurationSeconds: seconds = durationMs / 1000 } = this.#lease?.spec ?? {};
    if (!holder || holder === this.#options.identity || this.#options.isGone?.(holder)) return 0;
    return Math.max(0, this.#seenAt + seconds * 1000 - this.#deps.clock.monotonic());
  }

  /** Renews until the lease is lost or the end has come. */
  async #renew(): Promise<void> {
    const { clock } = this.#deps;
    let renewedAt = clock.monotonic();
    let dueAt = renewedAt + renewEveryMs;
    while (this.#isOurs() && clock.monotonic() < renewedAt + deadlineMs) {
      const begun = clock.monotonic();
      if (begun < dueAt) await this.#waitFor(Math.min(dueAt, renewedAt + deadlineMs) - begun);
      else if (await this.#writeBefore(renewedAt + deadlineMs)) [renewedAt, dueAt] = [begun, begun + renewEveryMs];
      else dueAt = clock.monotonic() + tryAgainMs;
    }
  }

  #isOurs(): boolean {
    return !this.#stopping.signal.aborted && this.#lease?.spec.holderIdentity === this.#options.identity;
  }

  /** An answer that comes later is as good as none. */
  async #writeBefore(deadline: number): Promise<boolean> {
    const { clock } = this.#deps;
    return new Promise((resolve) => {
      const timer = clock.after(deadline - clock.monotonic(), () => resolve(false));
      void this.#write({}).then((written) => {
        timer.cancel();
        resolve(written);
      });
    });
  }

  /** Writes the lease as ours with these changes; false when somebody else changed it, or nobody answers. */
  async #write(changes: Lease['spec']): Promise<boolean> {
    const { client, clock, log } = this.#deps;
    const { identity: holderIdentity, name } = this.#options;
    const times = { leaseDurationSeconds: durationMs / 1000, renewTime: microTimestamp(clock.now()) };
    const spec = { ...this.#lease?.spec, holderIdentity, ...times, ...changes };
    try {
      const written = this.#lease
        ? await client.update(Lease, { ...this.#lease, spec })
        : await client.create(Lease, { metadata: { name, namespace }, spec });
      this.#saw(written, written.metadata.resourceVersion);
      return true;
    } catch (error) {
      if (isConflict(error) || isAlreadyExists(error)) await this.#look();
      else if (isNotFound(error)) [this.#lease, this.#revision] = [undefined, 0];
      else log.warn(`${name}: ${(error as Error).message}; trying again`);
      return false;
    }
  }

  /** Somebody else has written: what, the watch may not have told yet. */
  async #look(): Promise<void> {
    const found = await this.#deps.client.get(Lease, namespace, this.#options.name).catch(() => undefined);
    if (found) this.#saw(found, found.metadata.resourceVersion);
  }

  /** Nobody has to wait for a lease that was given back (client-go's ReleaseOnCancel). */
  async #release(): Promise<void> {
    const { client, clock, log } = this.#deps;
    if (!this.#lease || this.#lease.spec.holderIdentity !== this.#options.identity) return;
    const now = microTimestamp(clock.now());
    const spec = { ...this.#lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: now, acquireTime: now };
    try {
      await client.update(Lease, { ...this.#lease, spec });
    } catch (error) {
      log.warn(`${this.#options.name}: the lease was not given back: ${(error as Error).message}`);
    }
  }

  /** For so long, or until something happens. */
  async #waitFor(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.#deps.clock.after(Math.max(0, ms), resolve);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
      if (this.#stopping.signal.aborted) this.#wake();
    });
    this.#wake = () => {};
  }
}
