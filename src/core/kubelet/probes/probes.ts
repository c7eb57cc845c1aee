/** Runs the probes of containers on their own periods and keeps what they say (kubernetes pkg/kubelet/prober). */
import type { Container, Probe } from '../../api/types/container.ts';
import type { Clock, Timer } from '../../async/clock.ts';
import { RuntimeGoneError } from '../../runtime/runtime.ts';
import type { ProbeState } from '../plan/view.ts';
import { type HandlerDeps, type HandlerTarget, handle } from './handlers.ts';

type Kind = 'startup' | 'liveness' | 'readiness';
const kinds: readonly Kind[] = ['startup', 'liveness', 'readiness'];

export interface Probed extends HandlerTarget {
  startedAt: number;
  /** The API calls this very instance ready: a restarted kubelet does not take it out of service to find that out. */
  wasReady: boolean;
  wasStarted: boolean;
}

export interface ProbesDeps extends HandlerDeps {
  clock: Clock;
  /** A container's state is not what it was. */
  changed(pod: string): void;
  unhealthy(pod: string, container: string, message: string): void;
}

export class Probes {
  readonly #deps: ProbesDeps;
  /** Pod → container id. */
  readonly #pods = new Map<string, Map<string, ContainerProbes>>();

  constructor(deps: ProbesDeps) {
    this.#deps = deps;
  }

  /** These containers of the pod run; probes begin for new ones and end for others. */
  sync(pod: string, running: readonly Probed[]): void {
    const wanted = running.filter(({ container }) => kinds.some((kind) => probeOf(container, kind)));
    const probed = this.#pods.get(pod) ?? new Map<string, ContainerProbes>();
    for (const [id, probes] of probed) {
      if (wanted.some((w) => w.containerID === id)) continue;
      probes.stop();
      probed.delete(id);
    }
    for (const target of wanted) {
      if (!probed.has(target.containerID)) probed.set(target.containerID, new ContainerProbes(pod, target, this.#deps));
    }
    if (probed.size > 0) this.#pods.set(pod, probed);
    else this.#pods.delete(pod);
  }

  state(pod: string, containerID: string): ProbeState {
    return this.#pods.get(pod)?.get(containerID)?.state ?? { started: true, ready: true };
  }

  stop(): void {
    for (const pod of [...this.#pods.keys()]) this.sync(pod, []);
  }
}

const probeOf = (container: Container, kind: Kind): Probe | undefined => container[`${kind}Probe`];

class ContainerProbes {
  readonly #pod: string;
  readonly #target: Probed;
  readonly #deps: ProbesDeps;
  readonly #timers = new Map<Kind, Timer>();
  #stopped = false;
  state: ProbeState;

  constructor(pod: string, target: Probed, deps: ProbesDeps) {
    this.#pod = pod;
    this.#target = target;
    this.#deps = deps;
    const { container, wasReady, wasStarted, startedAt } = target;
    this.state = { started: wasStarted || !container.startupProbe, ready: wasReady || !container.readinessProbe };
    for (const kind of kinds) {
      const probe = probeOf(container, kind);
      if (!probe) continue;
      const delayMs = (probe.initialDelaySeconds ?? 0) * 1000;
      this.#after(Math.max(0, startedAt + delayMs - deps.clock.now()), kind, {
        probe,
        kind,
        successes: 0,
        failures: 0,
      });
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
  }

  #after(ms: number, kind: Kind, run: ProbeRun): void {
    this.#timers.set(
      kind,
      this.#deps.clock.after(ms, () => void this.#tick(run)),
    );
  }

  async #tick(run: ProbeRun): Promise<void> {
    const { kind, probe } = run;
    const isTurn = kind === 'startup' ? !this.state.started : this.state.started;
    if (isTurn) await this.#probe(run);
    const over = this.#stopped || this.state.failed || (kind === 'startup' && this.state.started);
    if (!over) this.#after((probe.periodSeconds || 10) * 1000, kind, run);
  }

  async #probe(run: ProbeRun): Promise<void> {
    const timeoutMs = (run.probe.timeoutSeconds || 1) * 1000;
    let failure: string | undefined;
    try {
      await handle(this.#deps, run.probe, { ...this.#target, timeoutMs });
    } catch (error) {
      // Nothing is known of the container while the engine is away.
      if (error instanceof RuntimeGoneError) return;
      failure = (error as Error).message;
    }
    if (this.#stopped) return;
    if (failure === undefined) this.#succeeded(run);
    else this.#failed(run, failure);
  }

  #succeeded(run: ProbeRun): void {
    run.failures = 0;
    if (++run.successes < (run.probe.successThreshold || 1)) return;
    if (run.kind === 'startup') this.#set({ started: true });
    if (run.kind === 'readiness') this.#set({ ready: true });
  }

  #failed(run: ProbeRun, why: string): void {
    const { kind, probe } = run;
    const { container } = this.#target;
    run.successes = 0;
    const message = `${kind[0]!.toUpperCase()}${kind.slice(1)} probe failed: ${why}`;
    // Each failure is said; the recorder counts those that say the same.
    this.#deps.unhealthy(this.#pod, container.name, message);
    if (++run.failures < (probe.failureThreshold || 3)) return;
    if (kind === 'readiness') this.#set({ ready: false });
    else this.#giveUp(run);
  }

  #giveUp({ kind, probe }: ProbeRun): void {
    const graceSeconds = probe.terminationGracePeriodSeconds;
    const message = `failed ${kind} probe`;
    this.#set({ failed: { message, ...(graceSeconds !== undefined && { graceSeconds }) } });
  }

  #set(change: Partial<ProbeState>): void {
    const next = { ...this.state, ...change };
    const same =
      next.started === this.state.started && next.ready === this.state.ready && next.failed === this.state.failed;
    this.state = next;
    if (!same) this.#deps.changed(this.#pod);
  }
}

/** One probe of one container, and its results in a row. */
interface ProbeRun {
  readonly kind: Kind;
  readonly probe: Probe;
  successes: number;
  failures: number;
}
