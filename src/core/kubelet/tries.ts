/** What failed for a pod, and when to try again: longer after each failure, forgotten with the first success. */
import type { Trouble } from './plan/view.ts';

export class Tries {
  readonly #firstMs: number;
  readonly #maxMs: number;
  /** Pod → what was tried. */
  readonly #failed = new Map<string, Map<string, Trouble & { waitMs: number }>>();

  constructor({ firstMs, maxMs }: { firstMs: number; maxMs: number }) {
    this.#firstMs = firstMs;
    this.#maxMs = maxMs;
  }

  trouble(pod: string, what: string): Trouble | undefined {
    return this.#failed.get(pod)?.get(what);
  }

  failed(pod: string, what: string, why: { reason: string; message: string; now: number }): void {
    const { reason, message, now } = why;
    const before = this.trouble(pod, what) as { waitMs: number } | undefined;
    const waitMs = before ? Math.min(2 * before.waitMs, this.#maxMs) : this.#firstMs;
    const failed = this.#failed.get(pod) ?? new Map();
    failed.set(what, { reason, message, waitMs, retryAt: now + waitMs });
    this.#failed.set(pod, failed);
  }

  succeeded(pod: string, what: string): void {
    const failed = this.#failed.get(pod);
    if (failed?.delete(what) && failed.size === 0) this.#failed.delete(pod);
  }

  forget(pod: string): void {
    this.#failed.delete(pod);
  }
}
