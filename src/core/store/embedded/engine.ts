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
import {
  CompactedError,
  FutureRevisionError,
  type KeyValue,
  type RangeOptions,
  type RangeResult,
  type Store,
  StoreClosedError,
  type StoreEvent,
  type StoreStats,
  type StoreWatch,
  type Txn,
  type TxnResult,
  type WatchListener,
  type WatchOptions,
} from '../store.ts';
import { Compactor } from './compactor.ts';
import { decide } from './decide.ts';
import { type Commit, commitsOf, type Disk, keyOf, revisionOf, type Version } from './disk.ts';
import { Expiry } from './expiry.ts';
import { Feed } from './feed.ts';
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
/** Records that a batch forgets beside its writes, so that compaction never holds writes up for long. */
const batchForgets = 1_000;

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
  readonly #feed: Feed;
  readonly #expiry: Expiry;
  readonly #compactor: Compactor;

  /** Durable. */
  #revision = 1;
  #compactedRevision: number;
  /** The revision of the last accepted transaction. */
  #head: number;

  #accepted: Accepted[] = [];
  #compactions: Compaction[] = [];
  /** The running flush, or the one that begins at the end of this turn of the event loop. */
  #flushing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: EngineOptions) {
    this.#disk = options.disk;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#compactedRevision = this.#disk.compactedRevision;
    this.#expiry = new Expiry(this.#clock, (kvs) => this.#expire(kvs));
    this.#load();
    this.#head = this.#revision;
    const history = { compactedRevision: () => this.#compactedRevision, scan: this.#scan.bind(this) };
    this.#feed = new Feed({ history, revision: this.#revision, clock: this.#clock, log: this.#log });
    this.#compactor = new Compactor({ ...options, store: this });
    if (this.#garbage().length > 0) this.#wake(); // a compaction was interrupted
  }

  get revision(): number {
    return this.#revision;
  }

  get compactedRevision(): number {
    return this.#compactedRevision;
  }

  async get(key: string): Promise<KeyValue | undefined> {
    this.#checkOpen();
    return this.#tree.get(key);
  }

  async range({ prefix, after, limit, revision }: RangeOptions): Promise<RangeResult> {
    this.#checkOpen();
    const limitOrAll = limit || Number.POSITIVE_INFINITY;
    if (!revision || revision === this.#revision) {
      const { kvs, count } = this.#tree.range(prefix, after, limitOrAll);
      return { kvs, count, more: kvs.length < count, revision: this.#revision };
    }
    if (revision > this.#revision) throw new FutureRevisionError(revision, this.#revision);
    if (revision < this.#compactedRevision) throw new CompactedError(this.#compactedRevision);
    const all = this.#tree.rangeAt(revision, prefix, after);
    const kvs = all.slice(0, limitOrAll).map((found) => ('value' in found ? found : this.#read(found)));
    return { kvs, count: all.length, more: kvs.length < all.length, revision };
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
    const watch = this.#feed.watch(options, listener);
    if (this.#closing) this.#feed.end(new StoreClosedError());
    return watch;
  }

  compact(revision: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#checkOpen();
      if (revision > this.#revision) throw new FutureRevisionError(revision, this.#revision);
      if (revision <= this.#compactedRevision) throw new CompactedError(this.#compactedRevision);
      this.#compactions.push({ revision, resolve, reject });
      this.#wake();
    });
  }

  stats(): StoreStats {
    return {
      keys: this.#tree.size,
      bytesOnDisk: this.#disk.bytes(),
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
    while (this.#accepted.length > 0 || this.#compactions.length > 0 || this.#garbage().length > 0) {
      const accepted = this.#takeAccepted();
      const commits = accepted.flatMap(({ commit }) => commit ?? []);
      const compactedBefore = this.#compactedRevision;
      // Moved before the batch is written: nobody may look for what the batch is about to forget.
      for (const { revision } of this.#compactions)
        this.#compactedRevision = Math.max(this.#compactedRevision, revision);
      const compactedRevision = this.#compactedRevision;
      const forget = this.#garbage();
      try {
        await this.#disk.commit({ commits, forget, compactedRevision });
        this.#tree.forget(forget);
        this.#publish(accepted, commits);
      } catch (error) {
        this.#compactedRevision = compactedBefore;
        this.#fail(accepted, error as Error);
        break;
      }
    }
    this.#flushing = undefined;
  }

  #garbage(): Version[] {
    return this.#tree.garbage(this.#compactedRevision, batchForgets);
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
    if (this.#compactions.length > 0 && this.#garbage().length === 0) {
      for (const { resolve } of this.#compactions.splice(0)) resolve();
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

  /** What the disk has kept from `revision` on, with the values before as far as they are kept. */
  #scan(revision: number, events: number): Commit[] {
    const withPrev = (event: StoreEvent): StoreEvent => ({ ...event, prev: this.#before(event) });
    return this.#disk.scan(revision, events).map((commit) => ({ ...commit, events: commit.events.map(withPrev) }));
  }

  #before(event: StoreEvent): KeyValue | undefined {
    if (event.type === 'put' && event.kv.version === 1) return undefined;
    const version = this.#tree.before(keyOf(event), revisionOf(event));
    return version && this.#disk.read(version.key, version.revision);
  }

  #read({ key, revision }: Version): KeyValue {
    const kv = this.#disk.read(key, revision);
    if (!kv) throw new Error(`the value of ${key} at revision ${revision} is not on disk`);
    return kv;
  }
}
