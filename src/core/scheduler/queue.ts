/**
 * Pods without a node, in one of three states: to be tried (in order of arrival), backing off after an error, or parked
 * because no node could take them. Parked pods wait for a node to change, never for time to pass.
 */
import { Backoff } from '../async/backoff.ts';
import type { Clock, Timer } from '../async/clock.ts';
import type { Random } from '../async/random.ts';
import type { PodRequirements } from './requirements.ts';

/** As in 0.17. */
const backoffInitialMs = 1_000;
const backoffMaxMs = 60_000;

export class SchedulingQueue {
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  readonly #ready: () => void;
  readonly #active = new Map<string, PodRequirements>();
  readonly #parked = new Map<string, PodRequirements>();
  readonly #backingOff = new Map<string, { pod: PodRequirements; timer: Timer }>();

  /** `ready` is called whenever a pod becomes one to be tried. */
  constructor({ clock, random, ready }: { clock: Clock; random: Random; ready: () => void }) {
    this.#clock = clock;
    this.#ready = ready;
    this.#backoff = new Backoff({ clock, random, initialMs: backoffInitialMs, maxMs: backoffMaxMs });
  }

  /** Pods without a node, in whichever state. */
  get size(): number {
    return this.#active.size + this.#parked.size + this.#backingOff.size;
  }

  get hasActive(): boolean {
    return this.#active.size > 0;
  }

  /** A pod was added or changed. One that waits already keeps its state: no change of a pod makes a node fit. */
  set(pod: PodRequirements): void {
    const backingOff = this.#backingOff.get(pod.key);
    if (backingOff?.pod.uid === pod.uid) backingOff.pod = pod;
    else if (this.#parked.get(pod.key)?.uid === pod.uid) this.#parked.set(pod.key, pod);
    else this.#activate(pod);
  }

  /** The pod has a node or is gone. */
  remove(key: string): void {
    this.take(key);
    this.#backoff.forget(key);
  }

  /** The pod is being bound; its failures are remembered until it is removed. */
  take(key: string): void {
    this.#active.delete(key);
    this.#parked.delete(key);
    this.#backingOff.get(key)?.timer.cancel();
    this.#backingOff.delete(key);
  }

  /** Takes the pod that waits longest. */
  next(): PodRequirements | undefined {
    for (const [key, pod] of this.#active) {
      this.#active.delete(key);
      return pod;
    }
    return undefined;
  }

  /** No node can take the pod. */
  park(pod: PodRequirements): void {
    this.#backoff.forget(pod.key);
    this.#parked.set(pod.key, pod);
  }

  /** The parked pods, longest first; one may be removed or parked again while they are walked through. */
  parked(): Iterable<PodRequirements> {
    return this.#parked.values();
  }

  /** Something failed; tries the pod again, later after each failure. Answers after how many milliseconds. */
  backOff(pod: PodRequirements): number {
    const delayMs = this.#backoff.next(pod.key);
    const timer = this.#clock.after(delayMs, () => this.#activate(waiting.pod));
    const waiting = { pod, timer };
    this.take(pod.key);
    this.#backingOff.set(pod.key, waiting);
    return delayMs;
  }

  stop(): void {
    for (const { timer } of this.#backingOff.values()) timer.cancel();
    for (const waiting of [this.#active, this.#parked, this.#backingOff]) waiting.clear();
  }

  #activate(pod: PodRequirements): void {
    const waits = this.#active.has(pod.key);
    if (!waits) this.take(pod.key);
    this.#active.set(pod.key, pod);
    if (!waits) this.#ready();
  }
}
