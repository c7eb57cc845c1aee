/**
 * What a controller has ordered and its cache has not shown yet. Without it a plan made from a cache that lags behind
 * orders the same pods twice (client-go's ControllerExpectations; a replication controller waits at most 3 minutes).
 *
 *     expectations.creating(key);            // before the POST
 *     expectations.created(key);             // the cache shows a new pod of key, or the POST failed
 *     expectations.deleting(key, uid);       // before the DELETE
 *     expectations.deleted(key, uid);        // the cache shows it going or gone, or the DELETE failed
 *     if (!expectations.met(key)) return { steps: [] };
 */
import type { Clock } from '../async/clock.ts';

interface Ordered {
  creations: number;
  /** By uid, because a deletion shows twice: as a deletionTimestamp and as the object's end. */
  deletions: Set<string>;
  since: number;
}

export class Expectations {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #ordered = new Map<string, Ordered>();

  constructor(clock: Clock, timeoutMs = 180_000) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  creating(key: string): void {
    this.#order(key).creations++;
  }

  created(key: string): void {
    const ordered = this.#ordered.get(key);
    if (!ordered) return;
    if (ordered.creations > 0) ordered.creations--;
    this.#dropIfMet(key, ordered);
  }

  deleting(key: string, uid: string): void {
    this.#order(key).deletions.add(uid);
  }

  deleted(key: string, uid: string): void {
    const ordered = this.#ordered.get(key);
    if (ordered?.deletions.delete(uid)) this.#dropIfMet(key, ordered);
  }

  /** The cache has shown all that was ordered for `key`, or it never will: too long ago. */
  met(key: string): boolean {
    const ordered = this.#ordered.get(key);
    if (!ordered) return true;
    if (this.#clock.now() - ordered.since < this.#timeoutMs) return false;
    this.#ordered.delete(key);
    return true;
  }

  /** The owner is gone. */
  forget(key: string): void {
    this.#ordered.delete(key);
  }

  #order(key: string): Ordered {
    const ordered = this.#ordered.get(key) ?? { creations: 0, deletions: new Set<string>(), since: 0 };
    ordered.since = this.#clock.now();
    this.#ordered.set(key, ordered);
    return ordered;
  }

  #dropIfMet(key: string, ordered: Ordered): void {
    if (ordered.creations === 0 && ordered.deletions.size === 0) this.#ordered.delete(key);
  }
}
