/** Forgets old history by itself, so that neither time nor a burst of writes fills the disk. */
import type { Clock, Timer } from '../../async/clock.ts';
import type { Logger } from '../../async/log.ts';
import { type Store, StoreClosedError } from '../store.ts';

export interface CompactorOptions {
  store: Pick<Store, 'revision' | 'compactedRevision' | 'compact'>;
  clock: Clock;
  log: Logger;
  compactionIntervalMs: number;
  compactionKeepRevisions: number;
}

export class Compactor {
  readonly #options: CompactorOptions;
  #timer: Timer;
  /** The store's revision one interval ago. */
  #marked: number;
  #running = false;

  constructor(options: CompactorOptions) {
    this.#options = options;
    this.#marked = options.store.revision;
    this.#timer = this.#arm();
  }

  stop(): void {
    this.#timer.cancel();
  }

  /** Called after writes: history twice as long as what is kept is cut back, whatever its age. */
  grown(): void {
    const { store, compactionKeepRevisions } = this.#options;
    if (store.revision - store.compactedRevision <= 2 * compactionKeepRevisions) return;
    void this.#compact(store.revision - compactionKeepRevisions);
  }

  /** As kube-apiserver does it: what was current at the last tick is the oldest that can be read until the next. */
  #arm(): Timer {
    return this.#options.clock.after(this.#options.compactionIntervalMs, () => {
      void this.#compact(this.#marked);
      this.#marked = this.#options.store.revision;
      this.#timer = this.#arm();
    });
  }

  async #compact(revision: number): Promise<void> {
    const { store, log } = this.#options;
    if (this.#running || revision <= Math.max(store.compactedRevision, 1)) return;
    this.#running = true;
    try {
      await store.compact(revision);
    } catch (error) {
      if (!(error instanceof StoreClosedError)) log.warn(`compaction to revision ${revision} failed: ${error}`);
    }
    this.#running = false;
  }
}
