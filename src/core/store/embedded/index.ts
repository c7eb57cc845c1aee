/**
 * The embedded store: etcd's semantics on one LMDB file, or in memory only. engine.ts tells the way of a write.
 * May import core/async, the contract in ../store.ts, lmdb and sorted-btree.
 */
import type { Clock } from '../../async/clock.ts';
import type { Logger } from '../../async/log.ts';
import type { Store } from '../store.ts';
import { EmbeddedStore } from './engine.ts';
import { memoryDisk } from './memory.ts';

export interface EmbeddedStoreOptions {
  /** Where the files lie; made when it is not there. Without it the store lives in memory only. */
  dir?: string | undefined;
  clock: Clock;
  log: Logger;
  /** History is kept for one to two of these; 5 minutes as with kube-apiserver's --etcd-compaction-interval. */
  compactionIntervalMs?: number;
  /** History is also cut back to this many revisions when it has grown to twice as many. */
  compactionKeepRevisions?: number;
}

/** Opens the store in `dir`. Rejects with StoreLockedError when another process has it open. */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<Store> {
  const { dir, clock, log, compactionIntervalMs = 5 * 60_000, compactionKeepRevisions = 50_000 } = options;
  // Loaded only when needed: a store in memory does without LMDB's library.
  const disk = dir === undefined ? memoryDisk() : await (await import('./lmdb.ts')).openLmdbDisk(dir);
  try {
    return new EmbeddedStore({ disk, clock, log, compactionIntervalMs, compactionKeepRevisions });
  } catch (error) {
    await disk.close();
    throw error;
  }
}
