/**
 * The engine of the embedded store: multi-version concurrency control in memory, group commit to a disk.
 *
 *   txn()      decides at once, on the durable state and what the accepted transactions will make of it
 *   flush()    writes everything accepted meanwhile as one batch; one flush at a time
 *   publish()  applies the batch to the durable state, tells the watches, then answers the callers
 *
 * A batch that fails is answered with the error, and so is all that was decided on top of it: memory stays as the disk is.
 */
import type { Clock } from '../../async/clock.ts';
import type { Logger } from '../../async/log.ts';
import { type Commit, commitsOf, keyOf } from '../commit.ts';
import { Feed } from '../feed.ts';
import {
  CompactedError,
  FutureRevisionError,
  type KeyValue,
  type RangeOptions,
  type RangeResult,
  type Store,
  StoreClosedError,
  type StoreStats,
  type StoreWatch,
  type Txn,
  type TxnResult,
  type WatchListener,
  type WatchOptions,
} from '../store.ts';
import { Compactor } from './compactor.ts';
import { decide } from './decide.ts';
import type { Disk } from './disk.ts';
import { Expiry } from './expiry.ts';
import { History } from './history.ts';
import { Pending } from './pending.ts';
import { Tree } from './tree.ts';

/** A transaction that was decided and waits for the disk. */
interface Accepted {
  result: TxnResult;
  commit: Commit | undefined;
  resolve(result: TxnResult): void;
  reject(error: Error): void;
}

interface Compaction {
  revision: number;
  resolve(): void;
  reject(error: Error): void;
}

/** What one batch may hold: LMDB keeps the pages of a transaction in memory until it is committed. */
const batchBytesMax = 32 * 1024 * 1024;

export interface EngineOptions {
  disk: Disk;
  clock: Clock;
  log: Logger;
  compactionIntervalMs: number;
  compactionKeepRevisions: number;
}

export class EmbeddedStore implements Store {
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #tree = new Tree();
  readonly #pending = new Pending(this.#tree);
  readonly #history: History;
  readonly #feed: Feed;
  readonly #expiry: Expiry;
  readonly #compactor: Compactor;

  /** Durable. */
  #revision = 1;
  /** The revision of the last accepted transaction. */
  #head: number;

  #accepted: Accepted[] = [];
  #compactions: Compaction[] = [];
  #lastCompactionMs: number | undefined;
  /** The running flush, or the one that begins at the end of this turn of the event loop. */
  #flushing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: EngineOptions) {
    this.#disk = options.disk;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#history = new History(this.#disk, this.#tree);
    this.#expiry = new Expiry(this.#clock, (kvs) => this.#expire(kvs));
    this.#load();
    this.#head = this.#revision;
    this.#feed = new Feed({ ...options, past: this.#history, revision: this.#revision });
    this.#compactor = new Compactor({ ...options, store: this });
    if (this.#history.garbage().length > 0) this.#wake(); // a compaction was interrupted
  }

  get revision(): number {
    return this.#revision;
  }

  get compactedRevision(): number {
    return this.#history.compactedRevision;
  }

  async get(key: string): Promise<KeyValue | undefined> {
    this.#checkOpen();
    return this.#tree.get(key);
  }

  async range({ prefix, after, limit, revision }: RangeOptions): Promise<RangeResult> {
    this.#checkOpen();
    const limitOrAll = limit || Number.POSITIVE_INFINITY;
    const at = revision || this.#revision;
    if (at > this.#revision) throw new FutureRevisionError(at, this.#revision);
    const { kvs, count } =
      at === this.#revision
        ? this.#tree.range(prefix, after, limitOrAll)
        : this.#history.range(at, prefix, after, limitOrAll);
    return { kvs, count, more: kvs.length < count, revision: at };
  }

  txn(txn: Txn): Promise<TxnResult> {
    return new Promise((resolve, reject) => {
      this.#checkOpen();
      const { succeeded, results, events } = decide(txn, this.#pending, this.#head + 1, this.#clock.now());
      if (events.length > 0) {
        this.#head++;
        this.#pending.add(events);
      }
      const commit = events.length > 0 ? { revision: this.#head, events } : undefined;
      const result = { succeeded, revision: this.#head, results };
      // An answer may show what accepted transactions wrote, so it waits for the disk even when it writes nothing itself.
      if (this.#head === this.#revision) return resolve(result);
      this.#accepted.push({ result, commit, resolve, reject });
      this.#wake();
    });
  }

  watch(options: WatchOptions, listener: WatchListener): StoreWatch {
    return this.#feed.watch(options, listener);
  }

  compact(revision: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#checkOpen();
      if (revision > this.#revision) throw new FutureRevisionError(revision, this.#revision);
      if (revision <= this.compactedRevision) throw new CompactedError(this.compactedRevision);
      const begun = this.#clock.monotonic();
      const finish = () => {
        this.#lastCompactionMs = this.#clock.monotonic() - begun;
        resolve();
      };
      this.#compactions.push({ revision, resolve: finish, reject });
      this.#wake();
    });
  }

  stats(): StoreStats {
    const { bytes, freeBytes } = this.#disk.space();
    return {
      keys: this.#tree.size,
      bytesOnDisk: bytes,
      freeBytesOnDisk: freeBytes,
      lastCompactionMs: this.#lastCompactionMs,
      watchers: this.#feed.size,
      pendingTxns: this.#accepted.length,
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#expiry.stop();
    this.#compactor.stop();
    await this.#flushing;
    this.#feed.end(new StoreClosedError());
    await this.#disk.close();
  }

  #checkOpen(): void {
    if (this.#closing) throw new StoreClosedError();
  }

  /** Brings the tree to where the disk is, by applying every change that the disk still has. */
  #load(): void {
    for (const { revision, events } of commitsOf(this.#disk.load())) {
      this.#apply({ revision, events: events.map((event) => ({ ...event, prev: this.#tree.get(keyOf(event)) })) });
    }
  }

  #apply(commit: Commit): void {
    this.#tree.apply(commit);
    this.#revision = commit.revision;
    for (const event of commit.events) {
      if (event.prev) this.#expiry.untrack(event.prev);
      if (event.type === 'put') this.#expiry.track(event.kv);
    }
  }

  /** Begins a flush at the end of this turn of the event loop, unless one is running. */
  #wake(): void {
    this.#flushing ??= new Promise((resolve) => {
      setImmediate(() => resolve(this.#flush()));
    });
  }

  /** Writes batch after batch until nothing is left to do. */
  async #flush(): Promise<void> {
    while (this.#accepted.length > 0 || this.#compactions.length > 0 || this.#history.garbage().length > 0) {
      const accepted = this.#takeAccepted();
      const commits = accepted.flatMap(({ commit }) => commit ?? []);
      const compactedBefore = this.#history.compactedRevision;
      const compactedRevision = Math.max(compactedBefore, ...this.#compactions.map(({ revision }) => revision));
      // Moved before the batch is written: nobody may look for what the batch is about to forget.
      this.#history.compactedRevision = compactedRevision;
      const forget = this.#history.garbage();
      try {
        await this.#disk.commit({ commits, forget, compactedRevision });
      } catch (error) {
        this.#history.compactedRevision = compactedBefore;
        this.#fail(accepted, error as Error);
        break;
      }
      this.#tree.forget(forget);
      this.#publish(accepted, commits);
    }
    this.#flushing = undefined;
  }

  #takeAccepted(): Accepted[] {
    let bytes = 0;
    const first = this.#accepted.findIndex(({ commit }) => {
      if (bytes > batchBytesMax) return true;
      for (const event of commit?.events ?? []) if (event.type === 'put') bytes += event.kv.value.length;
      return false;
    });
    return this.#accepted.splice(0, first === -1 ? this.#accepted.length : first);
  }

  #publish(accepted: readonly Accepted[], commits: readonly Commit[]): void {
    for (const commit of commits) {
      this.#apply(commit);
      this.#pending.settle(commit);
    }
    this.#feed.publish(commits);
    for (const { result, resolve } of accepted) resolve(result);
    if (this.#compactions.length > 0 && this.#history.garbage().length === 0) {
      for (const { revision, resolve } of this.#compactions) if (revision <= this.compactedRevision) resolve();
      this.#compactions = this.#compactions.filter(({ revision }) => revision > this.compactedRevision);
    }
    this.#compactor.grown();
  }

  #fail(accepted: readonly Accepted[], error: Error): void {
    this.#pending.clear();
    this.#head = this.#revision;
    const waiting = [...accepted, ...this.#accepted.splice(0), ...this.#compactions.splice(0)];
    for (const { reject } of waiting) reject(error);
  }

  async #expire(kvs: readonly KeyValue[]): Promise<boolean> {
    const results = await Promise.allSettled(
      kvs.map(({ key, modRevision }) =>
        this.txn({ compare: [{ key, target: 'mod', is: '=', value: modRevision }], then: [{ type: 'delete', key }] }),
      ),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) this.#log.warn(`expired keys stay for now: ${failed.reason}`);
    return !failed;
  }
}
