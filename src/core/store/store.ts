/**
 * The Store contract: revisioned keys with etcd v3's semantics. It knows bytes, not kinds. Every implementation passes
 * test/contract/store.ts.
 *
 * Revisions: a store starts at revision 1; every transaction that writes takes the next one, and all its events carry
 * it. Revisions only rise, also over restarts.
 */

export interface KeyValue {
  readonly key: string;
  readonly value: Buffer;
  /** Revision of the transaction that created the key. */
  readonly createRevision: number;
  /** Revision of the last write. */
  readonly modRevision: number;
  /** Number of writes since creation, 1 at first. */
  readonly version: number;
  /** Milliseconds since the epoch after which the store deletes the key. */
  readonly expiresAt?: number;
}

/** A condition on one key. A key that does not exist has create and mod revision and version 0. */
export interface Compare {
  key: string;
  target: 'mod' | 'create' | 'version';
  is: '=' | '!=' | '<' | '>';
  value: number;
}

/** A put keeps the buffer it is given, and every reader gets that buffer: nobody may change it afterwards. */
export type Op =
  | { type: 'get'; key: string }
  | { type: 'put'; key: string; value: Buffer; ttlSeconds?: number }
  | { type: 'delete'; key: string }
  | { type: 'deletePrefix'; prefix: string };

export interface Txn {
  /** All must hold (an empty list holds). */
  compare?: readonly Compare[];
  then: readonly Op[];
  else?: readonly Op[];
}

/** The answer to an Op at the same place in the list. */
export interface OpResult {
  /** get: what was found; put: what was written; delete: what was deleted. */
  kv?: KeyValue | undefined;
  /** deletePrefix: how many keys went. */
  deleted?: number;
}

export interface TxnResult {
  succeeded: boolean;
  /** The revision this transaction made, or the current one when it wrote nothing. */
  revision: number;
  results: OpResult[];
}

export interface RangeOptions {
  /** All keys that start with it, in byte order. */
  prefix: string;
  /** Only keys after this one (for the next page). */
  after?: string;
  limit?: number;
  /** The state as it was at this revision; CompactedError when it is gone, FutureRevisionError when it has not come. */
  revision?: number;
}

export interface RangeResult {
  kvs: KeyValue[];
  /** Keys in the range after `after`, whatever the limit. */
  count: number;
  more: boolean;
  /** The store's revision that the answer shows. */
  revision: number;
}

export type StoreEvent =
  | { type: 'put'; kv: KeyValue; prev?: KeyValue | undefined }
  | { type: 'delete'; key: string; modRevision: number; prev?: KeyValue | undefined };

export interface WatchOptions {
  prefix: string;
  /** First revision to report; the next one when absent. */
  startRevision?: number;
}

export interface WatchListener {
  /** All events of one transaction that match, in order, never split; called in order of revisions. */
  events(revision: number, events: readonly StoreEvent[]): void;
  /** Everything up to `revision` has been reported. Called when the past has been replayed and from time to time after. */
  progress?(revision: number): void;
  /** The watch is over: CompactedError when its start does not lie behind the compacted revision, or the store failed. */
  error(error: Error): void;
}

export interface StoreWatch {
  close(): void;
}

export interface Store {
  /** The newest durable revision. */
  readonly revision: number;
  /** The oldest revision whose state can still be read; events are kept from the next one on. 0 when nothing was compacted. */
  readonly compactedRevision: number;

  /** The durable value now. */
  get(key: string): Promise<KeyValue | undefined>;
  range(options: RangeOptions): Promise<RangeResult>;

  /**
   * Of stores that others write to as well: resolves when this one shows everything that anybody was answered before
   * the call, in its watches too, and with the revision that it has come to.
   */
  confirm?(): Promise<number>;

  /**
   * Atomic: all writes of the taken branch happen at one revision, or none. Resolves only after the disk has it, and
   * after watch listeners were called. Rejects with StoreFullError when there is no room, StoreTooLargeError when it is
   * too large, StoreUnavailableError when the store cannot be reached: nothing is changed then. UnknownOutcomeError
   * leaves open whether it happened.
   */
  txn(txn: Txn): Promise<TxnResult>;

  /** Listeners are called from the event loop after durability, never from inside watch(). `prev` is given when known. */
  watch(options: WatchOptions, listener: WatchListener): StoreWatch;

  /**
   * Forgets history before `revision`; the state at it and all that came later stay. Rejects with CompactedError when
   * that was done already, with FutureRevisionError when it has not come.
   */
  compact(revision: number): Promise<void>;

  /** Figures for /metrics and status: bytes on disk, keys, watchers, queue length. */
  stats(): StoreStats;

  /** Waits for what was accepted, then releases the files. Later calls reject with StoreClosedError. */
  close(): Promise<void>;
}

export interface StoreStats {
  keys: number;
  bytesOnDisk: number;
  /** Of those, what is free to be used again; where it is known. */
  freeBytesOnDisk?: number;
  /** How long the last compaction took, once there was one here. */
  lastCompactionMs?: number | undefined;
  watchers: number;
  pendingTxns: number;
}

export class CompactedError extends Error {
  override readonly name = 'CompactedError';
  readonly compactedRevision: number;
  constructor(compactedRevision: number) {
    super(`required revision has been compacted (history begins at revision ${compactedRevision})`);
    this.compactedRevision = compactedRevision;
  }
}
export class FutureRevisionError extends Error {
  override readonly name = 'FutureRevisionError';
  constructor(asked: number, current: number) {
    super(`required revision ${asked} is a future revision (the store is at ${current})`);
  }
}
export class StoreClosedError extends Error {
  override readonly name = 'StoreClosedError';
  constructor() {
    super('the store is closed');
  }
}
export class StoreFullError extends Error {
  override readonly name = 'StoreFullError';
}
/** The transaction, or one of its values, is larger than this store takes. */
export class StoreTooLargeError extends Error {
  override readonly name = 'StoreTooLargeError';
}
/** The store cannot be reached. Nothing was changed. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}
/** No answer came: the transaction may have happened, or may still happen, or not. */
export class UnknownOutcomeError extends Error {
  override readonly name = 'UnknownOutcomeError';
}
/** What is kept is not what was written. */
export class StoreDamagedError extends Error {
  override readonly name = 'StoreDamagedError';
  constructor(path: string, what: string) {
    super(
      `${path} is damaged: ${what}. Restore a snapshot with 'kubecfg snapshot restore', ` +
        'or move the file away to begin with an empty store',
    );
  }
}
/** The data directory belongs to another process. */
export class StoreLockedError extends Error {
  override readonly name = 'StoreLockedError';
  readonly pid: number;
  constructor(dir: string, pid: number) {
    super(`data directory ${dir} is in use by process ${pid}`);
    this.pid = pid;
  }
}
