/**
 * What the engine asks of a disk: keep every change under (revision, key), commit batches whole, and read changes back.
 * Two implementations: lmdb.ts, and memory.ts for stores without a directory.
 */
import type { Commit } from '../commit.ts';
import type { KeyValue, StoreEvent } from '../store.ts';

/** One change of one key, without the change itself. */
export interface Version {
  readonly key: string;
  readonly revision: number;
  /** The change was a deletion. */
  readonly deleted: boolean;
  /** Nobody can ask for it once history begins at this revision. */
  readonly neededBefore: number;
}

export interface Batch {
  commits: readonly Commit[];
  /** Changes that no reader can ask for any more. */
  forget: readonly Version[];
  compactedRevision: number;
}

export interface DiskSpace {
  /** Of the file. It never shrinks: what is free in it is used again. */
  bytes: number;
  freeBytes: number;
}

export interface Disk {
  /** As of opening. */
  readonly compactedRevision: number;
  /** Every change kept, in order of revisions; `prev` is not filled in. Throws StoreDamagedError when one is not as it was written. */
  load(): Iterable<StoreEvent>;
  /** Resolves when all of the batch is durable; rejects when none of it is, with StoreFullError when there was no room. */
  commit(batch: Batch): Promise<void>;
  /** What was put to `key` at `revision`, if that is kept. */
  read(key: string, revision: number): KeyValue | undefined;
  /** Whole commits from `revision` on, at least one if there is one, until `events` events are reached; `prev` is not filled in. */
  scan(revision: number, events: number): Commit[];
  space(): DiskSpace;
  close(): Promise<void>;
}
