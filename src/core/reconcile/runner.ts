/**
 * The loop around every Controller (./controller.ts): a queue of keys, each key planned from the caches and its steps
 * executed, failures tried again later.
 *
 * Reconcile: what all loops share. May import: core/async, core/api, core/client.
 */
import { ApiError, isAlreadyExists, isConflict, isNotFound } from '../api/status.ts';
import { Backoff } from '../async/backoff.ts';
import type { Clock, Timer } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import { WorkQueue } from '../async/queue.ts';
import type { Random } from '../async/random.ts';
import type { Queueing } from '../async/running.ts';
import { ServerUnreachableError } from '../client/unreachable.ts';
import type { Controller, Step } from './controller.ts';

export interface RunnerDeps {
  clock: Clock;
  random: Random;
  log: Logger;
}

export function startController<S extends Step>(controller: Controller<S>, deps: RunnerDeps): Queueing {
  const runner = new Runner(controller, deps);
  void runner.start();
  return runner;
}

class Runner<S extends Step> implements Queueing {
  readonly #controller: Controller<S>;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #queue: WorkQueue;
  #unwatch: () => void = () => {};
  #resync: Timer | undefined;
  #stopped = false;

  constructor(controller: Controller<S>, { clock, random, log }: RunnerDeps) {
    this.#controller = controller;
    this.#clock = clock;
    this.#log = log.part(controller.name);
    this.#queue = new WorkQueue({
      clock,
      backoff: new Backoff({ clock, random, initialMs: 10, maxMs: 30_000 }),
      workers: controller.workers ?? 1,
      work: (key) => this.#reconcile(key),
      failed: (key, error, retryInMs) => this.#report(key, error, retryInMs),
    });
  }

  /** Nothing is planned before the caches are filled: a half-filled one looks like objects that are missing. */
  async start(): Promise<void> {
    try {
      await this.#controller.synced();
    } catch (error) {
      if (!this.#stopped) this.#log.error(`caches never filled: ${textOf(error)}`);
      return;
    }
    if (this.#stopped) return;
    this.#unwatch = this.#controller.watch((key, afterMs) => this.#enqueue(key, afterMs));
    this.#scheduleResync();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unwatch();
    this.#resync?.cancel();
    await this.#queue.stop();
  }

  queueDepths() {
    return { [this.#controller.name]: this.#queue.size };
  }

  #enqueue(key: string, afterMs?: number): void {
    if (this.#queue.add(key, afterMs) || this.#stopped) return;
    this.#log.warn(`${key}: queue is full; left to the next resync`);
  }

  #scheduleResync(): void {
    const { resyncEveryMs } = this.#controller;
    if (!resyncEveryMs) return;
    this.#resync = this.#clock.after(resyncEveryMs, () => {
      for (const key of this.#controller.keys()) this.#enqueue(key);
      this.#scheduleResync();
    });
  }

  async #reconcile(key: string): Promise<void> {
    const { steps, againAfterMs } = this.#controller.plan(key);
    if (this.#controller.parallel) await this.#executeTogether(key, steps);
    else await this.#executeInOrder(key, steps);
    if (againAfterMs !== undefined) this.#enqueue(key, againAfterMs);
  }

  async #executeInOrder(key: string, steps: readonly S[]): Promise<void> {
    for (const step of steps) {
      if (this.#stopped) return;
      await this.#execute(key, step);
    }
  }

  /** Waits for all steps even when one fails, so that the key is not planned again while some are in flight. */
  async #executeTogether(key: string, steps: readonly S[]): Promise<void> {
    const results = await Promise.allSettled(steps.map((step) => this.#execute(key, step)));
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    if (failures.length > 0) throw failures.find((error) => !cacheWasBehind(error)) ?? failures[0];
  }

  async #execute(key: string, step: S): Promise<void> {
    this.#log.info(`${key}: ${step.type}: ${step.reason}`);
    // The record has one executor per step type; the compiler cannot follow that through a union.
    const executor = this.#controller.execute[step.type as S['type']] as (step: S, key: string) => Promise<void>;
    await executor(step, key);
  }

  #report(key: string, error: unknown, retryInMs: number): void {
    if (this.#stopped || cacheWasBehind(error)) return;
    this.#log.error(`${key}: ${textOf(error)}; again in ${Math.round(retryInMs)} ms`);
  }
}

/** Somebody else was faster. The cache will show it, and the next plan is made from that. */
const cacheWasBehind = (error: unknown) => isNotFound(error) || isConflict(error) || isAlreadyExists(error);

/** Errors of the API and of the way to it say it all in their message; anything else is ours to debug. */
function textOf(error: unknown): string {
  if (error instanceof ApiError || error instanceof ServerUnreachableError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
