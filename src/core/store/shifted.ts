/**
 * A store whose revisions are counted from another start: all that this one says is higher by `offset` than what the
 * store behind it says. etcd's counter cannot be set, so state that moves there from a store that has come further goes
 * on above the old revisions in this way. What lies below the offset counts as compacted.
 */
import {
  CompactedError,
  type Compare,
  FutureRevisionError,
  type KeyValue,
  type OpResult,
  type RangeOptions,
  type RangeResult,
  type Store,
  type StoreEvent,
  type StoreStats,
  type StoreWatch,
  type Txn,
  type TxnResult,
  type WatchListener,
  type WatchOptions,
} from './store.ts';

export function shifted(store: Store, offset: number): Store {
  return store.confirm ? new SharedShiftedStore(store, offset) : new ShiftedStore(store, offset);
}

class ShiftedStore implements Store {
  protected readonly inner: Store;
  protected readonly offset: number;

  constructor(inner: Store, offset: number) {
    this.inner = inner;
    this.offset = offset;
  }

  get revision(): number {
    return this.inner.revision + this.offset;
  }

  get compactedRevision(): number {
    return Math.max(this.inner.compactedRevision, 1) + this.offset;
  }

  async get(key: string): Promise<KeyValue | undefined> {
    return this.#up(await this.inner.get(key));
  }

  async range({ revision, ...options }: RangeOptions): Promise<RangeResult> {
    const at = revision && this.#down(revision);
    const found = await this.#translated(revision ?? 0, this.inner.range({ ...options, ...(at && { revision: at }) }));
    return { ...found, kvs: found.kvs.map((kv) => this.#up(kv)), revision: found.revision + this.offset };
  }

  async txn(txn: Txn): Promise<TxnResult> {
    const compare = (txn.compare ?? []).map((one) => this.#compare(one));
    const { succeeded, revision, results } = await this.inner.txn({ ...txn, compare });
    const up = (result: OpResult): OpResult => (result.kv ? { ...result, kv: this.#up(result.kv) } : result);
    return { succeeded, revision: revision + this.offset, results: results.map(up) };
  }

  watch({ prefix, startRevision }: WatchOptions, listener: WatchListener): StoreWatch {
    // From below the offset on nothing can be told; one from the first revision on is refused as the contract has it.
    const start = startRevision && Math.max(startRevision - this.offset, 1);
    if (start === 1 && this.inner.compactedRevision === 0) return this.#refuse(listener);
    return this.inner.watch(
      { prefix, ...(start && { startRevision: start }) },
      {
        events: (revision, events) =>
          listener.events(
            revision + this.offset,
            events.map((event) => this.#event(event)),
          ),
        progress: (revision) => listener.progress?.(revision + this.offset),
        error: (error) => listener.error(this.#error(error, 0)),
      },
    );
  }

  compact(revision: number): Promise<void> {
    // 0 has always been compacted.
    const at = revision <= this.compactedRevision ? 0 : revision - this.offset;
    return this.#translated(revision, this.inner.compact(at));
  }

  stats(): StoreStats {
    return this.inner.stats();
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  #refuse(listener: WatchListener): StoreWatch {
    const refusing = setImmediate(() => listener.error(new CompactedError(this.compactedRevision)));
    return { close: () => clearImmediate(refusing) };
  }

  #down(revision: number): number {
    if (revision < this.compactedRevision) throw new CompactedError(this.compactedRevision);
    return revision - this.offset;
  }

  #up<K extends KeyValue | undefined>(kv: K): K {
    if (!kv) return kv;
    const { createRevision, modRevision } = kv;
    return { ...kv, createRevision: createRevision + this.offset, modRevision: modRevision + this.offset };
  }

  #event(event: StoreEvent): StoreEvent {
    const prev = this.#up(event.prev);
    if (event.type === 'put') return { type: 'put', kv: this.#up(event.kv), prev };
    return { ...event, modRevision: event.modRevision + this.offset, prev };
  }

  /** 0 is no revision but the absence of a key. A revision of before the offset is one that no key has. */
  #compare(compare: Compare): Compare {
    const { target, is, value } = compare;
    if (target === 'version' || value === 0) return compare;
    if (value > this.offset) return { ...compare, value: value - this.offset };
    const never = { '=': -1, '!=': -1, '<': 1, '>': 0 };
    return { ...compare, value: never[is] };
  }

  async #translated<T>(revision: number, result: Promise<T>): Promise<T> {
    try {
      return await result;
    } catch (error) {
      throw this.#error(error as Error, revision);
    }
  }

  #error(error: Error, revision: number): Error {
    if (error instanceof CompactedError) return new CompactedError(this.compactedRevision);
    if (error instanceof FutureRevisionError) return new FutureRevisionError(revision, this.revision);
    return error;
  }
}

/** Of a store that others write to as well. */
class SharedShiftedStore extends ShiftedStore {
  async confirm(): Promise<number> {
    return ((await this.inner.confirm?.()) ?? this.inner.revision) + this.offset;
  }
}
