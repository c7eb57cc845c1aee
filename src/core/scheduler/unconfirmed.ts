/** Bound pods that the informer has not shown on their node yet. What is not confirmed within 30 s (as in 0.17) is given up. */
import type { Clock, Timer } from '../async/clock.ts';
import type { PodRequirements } from './requirements.ts';

const confirmWithinMs = 30_000;

export class UnconfirmedPods {
  readonly #clock: Clock;
  readonly #expired: (pod: PodRequirements) => void;
  /** Oldest first, so one timer is enough. */
  readonly #pods = new Map<string, { pod: PodRequirements; until: number }>();
  #timer: Timer | undefined;

  constructor(clock: Clock, expired: (pod: PodRequirements) => void) {
    this.#clock = clock;
    this.#expired = expired;
  }

  add(pod: PodRequirements): void {
    this.#pods.delete(pod.key);
    this.#pods.set(pod.key, { pod, until: this.#clock.now() + confirmWithinMs });
    this.#timer ??= this.#clock.after(confirmWithinMs, () => this.#expire());
  }

  delete(key: string): void {
    this.#pods.delete(key);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#pods.clear();
  }

  #expire(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    for (const [key, { pod, until }] of this.#pods) {
      if (until > now) {
        this.#timer = this.#clock.after(until - now, () => this.#expire());
        return;
      }
      this.#pods.delete(key);
      this.#expired(pod);
    }
  }
}
