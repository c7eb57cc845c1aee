/**
 * The store on etcd. One watch on all keys feeds every watch of this process, and an answer is given once that watch has
 * told what the answer shows: whoever was answered finds it in the feed, as with the embedded store. How the cluster is
 * reached is in link.ts, how reads become as fresh as the cluster in freshness.ts.
 */
import type { IEvent, IRangeRequest, IRangeResponse, ITxnResponse } from 'etcd3';
import type { Clock } from '../../async/clock.ts';
import type { Logger } from '../../async/log.ts';
import type { Random } from '../../async/random.ts';
import type { Commit } from '../commit.ts';
import { Feed } from '../feed.ts';
import {
  CompactedError,
  FutureRevisionError,
  type KeyValue,
  type Op,
  type RangeOptions,
  type RangeResult,
  type Store,
  StoreClosedError,
  type StoreStats,
  type StoreWatch,
  type Txn,
  type TxnResult,
  UnknownOutcomeError,
  type WatchListener,
  type WatchOptions,
} from '../store.ts';
import { Compactor } from './compactor.ts';
import { Freshness } from './freshness.ts';
import { commitsOf, History } from './history.ts';
import { type KeyRange, Keyspace } from './keyspace.ts';
import { Leases } from './leases.ts';
import { Link } from './link.ts';
import { answered, hasWritten, toKeyValue, toResult, toTxn } from './messages.ts';
import { type Credentials, Session } from './session.ts';

export interface EtcdEngineOptions {
  addresses: readonly string[];
  credentials: Credentials;
  prefix: string;
  root: string;
  requestTimeoutMs: number;
  memberTimeoutMs: number;
  compactionIntervalMs: number;
  clock: Clock;
  random: Random;
  log: Logger;
}

/** Keys fetched at once; a list of all of them may be large. */
const pageKeys = 1_000;
const statusTimeoutMs = 1_000;

export class EtcdStore implements Store {
  readonly #keyspace: Keyspace;
  readonly #link: Link;
  readonly #feed: Feed;
  readonly #history: History;
  readonly #fresh: Freshness;
  readonly #leases: Leases;
  readonly #compactor: Compactor;
  /** Calls that close() waits for. */
  readonly #accepted = new Set<Promise<unknown>>();
  #session: Session | undefined;
  #keys = 0;
  #bytes = 0;
  #closing: Promise<void> | undefined;

  private constructor(options: EtcdEngineOptions) {
    const { addresses, credentials, clock, log, requestTimeoutMs } = options;
    this.#keyspace = new Keyspace(options.prefix, options.root);
    this.#link = new Link({
      ...options,
      addresses,
      open: (address) => new Session(address, credentials),
      prepare: (session) => this.#prepare(session),
    });
    const mark = this.#keyspace.mark('progress');
    const writeMark = async () => {
      const { header } = await this.#link.call(true, ({ etcd }, call) => etcd.kv.put({ key: mark }, call));
      return Number(header.revision);
    };
    this.#fresh = new Freshness({
      clock,
      timeoutMs: requestTimeoutMs,
      ask: () => this.#askRevision(),
      reached: () => this.revision,
      askProgress: () => this.#session?.askProgress(),
      writeMark,
    });
    this.#history = new History({
      link: this.#link,
      keyspace: this.#keyspace,
      clock,
      writeMark: async () => this.#fresh.told(await writeMark()),
    });
    this.#feed = new Feed({ past: this.#history, revision: 0, clock, log });
    this.#leases = new Leases({ ...options, grant: (id, ttlSeconds) => this.#grant(id, ttlSeconds) });
    this.#compactor = new Compactor({
      link: this.#link,
      key: this.#keyspace.mark('compaction'),
      compact: (revision) => this.compact(revision),
      intervalMs: options.compactionIntervalMs,
      clock,
      log,
    });
  }

  static async open(options: EtcdEngineOptions): Promise<EtcdStore> {
    const store = new EtcdStore(options);
    try {
      await store.#link.start();
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  get revision(): number {
    return this.#feed.revision;
  }

  get compactedRevision(): number {
    return this.#history.compactedRevision;
  }

  async get(key: string): Promise<KeyValue | undefined> {
    this.#checkOpen();
    const { kvs, header } = await this.#range({ key: this.#keyspace.toEtcd(key) });
    await this.#fresh.reach(Number(header.revision));
    return kvs[0] && toKeyValue(kvs[0], this.#keyspace);
  }

  async range({ prefix, after, limit, revision }: RangeOptions): Promise<RangeResult> {
    this.#checkOpen();
    const range = this.#keyspace.range(prefix, after);
    const wanted = limit || Number.POSITIVE_INFINITY;
    const first = await this.#page(range, wanted, revision);
    const at = revision || Number(first.header.revision);
    const kvs = [...first.kvs];
    for (let page = first; page.more && kvs.length < wanted; kvs.push(...page.kvs)) {
      const key = Buffer.concat([kvs.at(-1)!.key, Buffer.from([0])]);
      page = await this.#page({ ...range, key }, wanted - kvs.length, at);
    }
    if (!revision) await this.#fresh.reach(at);
    const count = Number(first.count);
    return { kvs: kvs.map((kv) => toKeyValue(kv, this.#keyspace)!), count, more: kvs.length < count, revision: at };
  }

  async txn(txn: Txn): Promise<TxnResult> {
    this.#checkOpen();
    return this.#accept(this.#txn(txn));
  }

  watch(options: WatchOptions, listener: WatchListener): StoreWatch {
    return this.#feed.watch(options, listener);
  }

  async compact(revision: number): Promise<void> {
    this.#checkOpen();
    const request = { revision: String(revision), physical: false };
    await this.#translated(revision, () => this.#link.call(false, ({ etcd }, call) => etcd.kv.compact(request, call)));
    this.#history.compactedTo(revision);
  }

  confirm(): Promise<number> {
    return this.#fresh.confirm();
  }

  stats(): StoreStats {
    this.#session?.etcd.maintenance.status({ deadline: Date.now() + statusTimeoutMs }).then(
      ({ dbSize }) => {
        this.#bytes = Number(dbSize);
      },
      () => {}, // the figure stays as it was
    );
    return {
      keys: this.#keys,
      bytesOnDisk: this.#bytes,
      watchers: this.#feed.size,
      pendingTxns: this.#accepted.size,
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#compactor.stop();
    await Promise.allSettled(this.#accepted);
    this.#feed.end(new StoreClosedError());
    this.#fresh.fail(new StoreClosedError());
    this.#link.close();
  }

  #checkOpen(): void {
    if (this.#closing) throw new StoreClosedError();
  }

  #accept<T>(promise: Promise<T>): Promise<T> {
    this.#accepted.add(promise);
    const done = () => this.#accepted.delete(promise);
    promise.then(done, done);
    return promise;
  }

  async #txn(txn: Txn): Promise<TxnResult> {
    const ops = [...txn.then, ...(txn.else ?? [])];
    const repeatable = ops.every(({ type }) => type === 'get');
    for (;;) {
      const leases = await this.#leasesFor(ops);
      const request = toTxn(txn, this.#keyspace, leases);
      try {
        const response = await this.#link.call(repeatable, ({ etcd }, call) => etcd.kv.txn(request, call));
        return await this.#answer(txn, response);
      } catch (error) {
        if (leases.size === 0 || !/requested lease not found/.test((error as Error).message)) throw error;
        this.#leases.forget();
      }
    }
  }

  async #answer(txn: Txn, response: ITxnResponse): Promise<TxnResult> {
    const revision = Number(response.header.revision);
    const ops = answered(txn, response);
    const written = ops.some(hasWritten) ? await this.#writtenAt(revision, ops) : new Map<string, KeyValue>();
    await this.#fresh.reach(revision);
    const results = ops.map(({ op, answer }) => toResult(op, answer, this.#keyspace, written));
    return { succeeded: response.succeeded, revision, results };
  }

  /** What was put at a revision of ours, as the watch was told of it. */
  async #writtenAt(revision: number, ops: readonly { op: Op }[]): Promise<Map<string, KeyValue>> {
    const written = new Map<string, KeyValue>();
    try {
      await this.#fresh.told(revision);
      const commit = this.#feed.commitAt(revision);
      for (const event of commit?.events ?? []) if (event.type === 'put') written.set(event.kv.key, event.kv);
      // Events were lost: there may be nothing left but to look.
      for (const { op } of commit ? [] : ops) {
        if (op.type !== 'put') continue;
        const { kvs } = await this.#range({ key: this.#keyspace.toEtcd(op.key), revision: String(revision) });
        written.set(op.key, toKeyValue(kvs[0]!, this.#keyspace)!);
      }
      return written;
    } catch (error) {
      throw new UnknownOutcomeError(`written at revision ${revision}: ${(error as Error).message}`);
    }
  }

  async #leasesFor(ops: Txn['then']): Promise<Map<number, string>> {
    const leases = new Map<number, string>();
    for (const op of ops) {
      if (op.type !== 'put' || op.ttlSeconds === undefined || leases.has(op.ttlSeconds)) continue;
      leases.set(op.ttlSeconds, await this.#leases.for(op.ttlSeconds));
    }
    return leases;
  }

  async #grant(id: string, ttlSeconds: number): Promise<void> {
    try {
      await this.#link.call(true, ({ etcd }, call) =>
        etcd.leaseClient.leaseGrant({ ID: id, TTL: String(ttlSeconds) }, call),
      );
    } catch (error) {
      if (!/lease already exists/.test((error as Error).message)) throw error;
    }
  }

  async #askRevision(): Promise<number> {
    this.#checkOpen();
    const { header } = await this.#range({ key: this.#keyspace.mark('progress'), count_only: true });
    return Number(header.revision);
  }

  /** Of the past a member that is up to date may tell by itself; of the present only the cluster. */
  async #page(range: KeyRange, limit: number, revision: number | undefined): Promise<IRangeResponse> {
    const request = {
      ...range,
      limit: String(Math.min(limit, pageKeys)),
      ...(revision !== undefined && { revision: String(revision), serializable: revision <= this.revision }),
    };
    return this.#translated(revision ?? 0, () => this.#range(request));
  }

  #range(request: IRangeRequest): Promise<IRangeResponse> {
    return this.#link.call(true, ({ etcd }, call) => etcd.kv.range(request, call));
  }

  /** With the contract's errors for revisions that are not there. */
  async #translated<T>(revision: number, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      const { message } = error as Error;
      if (message.includes('required revision is a future revision')) {
        throw new FutureRevisionError(revision, this.revision);
      }
      if (!message.includes('required revision has been compacted')) throw error;
      await this.#link.call(true, (session) => this.#learnCompaction(session));
      throw new CompactedError(this.compactedRevision);
    }
  }

  async #prepare(session: Session): Promise<void> {
    await session.ready();
    session.onProgress = (revision) => this.#fresh.progressed(revision);
    // A revision earlier than needed: one that begins at the compacted revision would lack its deletions, see history.ts.
    if (this.revision > 0) await this.#follow(session, this.revision);
    else {
      await this.#begin(session, new StoreClosedError());
      await this.#learnCompaction(session);
    }
    this.#session = session;
    this.#fresh.reconnected();
  }

  /** Begins with the state as it is now; what watches have missed they learn by `lost`. */
  async #begin(session: Session, lost: Error): Promise<void> {
    const { header, count } = await session.etcd.kv.range({ ...this.#keyspace.range(''), count_only: true });
    this.#keys = Number(count);
    this.#history.lastEvent = 0;
    this.#feed.restart(Number(header.revision), lost);
    this.#fresh.moved();
    // Nobody knows an older state; and a watch that begins in the future begins at once, others within 100 ms.
    await this.#follow(session, this.revision + 1);
  }

  #follow(session: Session, startRevision: number): Promise<void> {
    return new Promise((resolve) => {
      session.watch({
        ...this.#keyspace.all,
        startRevision,
        created: resolve,
        events: (raw) => this.#told(raw),
        progress: (revision) => this.#advance(revision),
        compacted: (revision) => {
          this.#history.compactedTo(revision);
          this.#begin(session, new CompactedError(revision)).catch((error) => session.close(error));
        },
      });
    });
  }

  #told(raw: readonly IEvent[]): void {
    for (const commit of commitsOf(raw, this.#keyspace, this.revision + 1)) {
      this.#history.lastEvent = commit.revision;
      if (commit.events.length === 0) this.#feed.advance(commit.revision);
      else this.#publish(commit);
    }
    this.#fresh.moved();
  }

  #publish(commit: Commit): void {
    for (const event of commit.events) {
      if (event.type === 'delete') this.#keys--;
      else if (event.kv.version === 1) this.#keys++;
    }
    this.#feed.publish([commit]);
  }

  #advance(revision: number): void {
    this.#feed.advance(revision);
    this.#fresh.moved();
  }

  /** Finds out where history begins: a watch from the first revision is told. */
  async #learnCompaction(session: Session): Promise<void> {
    const key = this.#keyspace.mark('none');
    try {
      await session.etcd.kv.range({ key, revision: '1' });
      return;
    } catch (error) {
      if (!(error as Error).message.includes('required revision has been compacted')) throw error;
    }
    const compacted = new Promise<number>((resolve) => {
      const range = { key, range_end: Buffer.concat([key, Buffer.from([0])]) };
      session.watch({ ...range, startRevision: 1, compacted: resolve });
    });
    this.#history.compactedTo(await Promise.race([compacted, session.lost]));
  }
}
