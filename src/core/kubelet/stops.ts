/**
 * Stops containers in the background: pre-stop hook, then the signal, then the kill when the grace is over. A later
 * wish for a shorter grace is carried out beside the first.
 */
import type { Clock } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import type { HandlerDeps, HandlerTarget } from './probes/handlers.ts';
import { runHook } from './probes/hooks.ts';

export interface StopRequest extends HandlerTarget {
  pod: string;
  graceSeconds: number;
}

export interface StopsDeps extends HandlerDeps {
  clock: Clock;
  log: Logger;
  /** The container could not be stopped; it is to be tried again. */
  changed(pod: string): void;
  hookFailed(request: StopRequest, message: string): void;
}

/** What a hook that used up the grace leaves the container (kubelet's minimumGracePeriodInSeconds). */
const leastSeconds = 2;
const retryMs = 5_000;

export class Stops {
  readonly #deps: StopsDeps;
  readonly #until = new Map<string, number>();

  constructor(deps: StopsDeps) {
    this.#deps = deps;
  }

  /** When the stop under way will have killed the container; undefined without one. */
  until(containerID: string): number | undefined {
    return this.#until.get(containerID);
  }

  begin(request: StopRequest): void {
    const { containerID, graceSeconds } = request;
    const again = this.#until.has(containerID);
    const deadline = this.#deps.clock.now() + graceSeconds * 1000;
    this.#until.set(containerID, deadline);
    // The hook runs once; a second, more urgent stop signals at once.
    void this.#stop(request, { deadline, hook: !again });
  }

  async #stop(request: StopRequest, { deadline, hook }: { deadline: number; hook: boolean }): Promise<void> {
    const { runtime, clock, log } = this.#deps;
    const { containerID, container } = request;
    try {
      const hooked = hook && (await this.#preStop(request));
      const left = ((this.#until.get(containerID) ?? deadline) - clock.now()) / 1000;
      await runtime.stopContainer(containerID, hooked ? Math.max(leastSeconds, left) : request.graceSeconds);
      this.#ended(request, deadline);
    } catch (error) {
      log.warn(`cannot stop container ${container.name} (${containerID}): ${(error as Error).message}`);
      // Until then the plan takes it for being stopped, so an engine that refuses is not asked in a loop.
      clock.after(retryMs, () => {
        this.#ended(request, deadline);
        this.#deps.changed(request.pod);
      });
    }
  }

  /** True when there was a hook to run, however it ended. */
  async #preStop(request: StopRequest): Promise<boolean> {
    const { container, graceSeconds } = request;
    const preStop = container.lifecycle?.preStop;
    if (!preStop || graceSeconds === 0) return false;
    const failure = await runHook(this.#deps, preStop, { ...request, timeoutMs: graceSeconds * 1000 });
    if (failure !== undefined) this.#deps.hookFailed(request, failure);
    return true;
  }

  #ended({ containerID }: StopRequest, deadline: number): void {
    if (this.#until.get(containerID) === deadline) this.#until.delete(containerID);
  }
}
