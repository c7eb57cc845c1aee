/**
 * The server's picture of the store: everything below /registry/, followed by one watch. Reads are served from it, and a
 * write is answered once it shows here, so that whoever was answered finds the write in the next read.
 */
import sortedBtree from 'sorted-btree';
import type { Stored } from '../api/object.ts';
import type { Clock, Timer } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import type { KeyValue, Store, StoreEvent, StoreWatch } from '../store/store.ts';
import { type AnyKind, canonical, Entry, joinItems } from './entry.ts';

export const registry = '/registry/';
const followAgainAfterMs = 1000;

/** One object came, changed or went: `before` is missing for a new one, `after` for one that went. */
export interface Change {
  readonly revision: number;
  readonly before: Entry | undefined;
  readonly after: Entry | undefined;
}

/** All objects of one kind, in the order of their keys. */
export class Resource {
  readonly kind: AnyKind;
  readonly prefix: string;
  /** Revision of the newest change. */
  changedAt = 0;
  readonly #snapshots = new Map<string, Snapshot>();
  readonly #entries = new sortedBtree.default<string, Entry>(undefined, sortedBtree.simpleComparator);
  readonly #indexes = new Map<string, Index>();

  constructor(kind: AnyKind) {
    this.kind = kind;
    this.prefix = `${registry}${kind.plural}/`;
  }

  key(namespace: string | undefined, name: string): string {
    return this.kind.namespaced ? `${this.prefix}${namespace}/${name}` : this.prefix + name;
  }

  /** The keys of a namespace begin with it; of all namespaces, when none is given. */
  prefixOf(namespace: string | undefined): string {
    return namespace ? `${this.prefix}${namespace}/` : this.prefix;
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** All objects, of one namespace when given, as they are now; the same snapshot until something changes. */
  snapshot(namespace?: string): Snapshot {
    const prefix = this.prefixOf(namespace);
    let snapshot = this.#snapshots.get(prefix);
    if (!snapshot) {
      const entries: Entry[] = [];
      for (const [key, entry] of this.#entries.entries(prefix)) {
        if (!key.startsWith(prefix)) break;
        entries.push(entry);
      }
      snapshot = new Snapshot(entries);
      this.#snapshots.set(prefix, snapshot);
    }
    return snapshot;
  }

  /** Objects by a value that `valuesOf` reads out of them. Built when first asked for. */
  index(name: string, valuesOf: (object: Stored) => readonly string[]): Index {
    let index = this.#indexes.get(name);
    if (!index) {
      index = new Index(valuesOf);
      for (const entry of this.#entries.values()) index.add(entry);
      this.#indexes.set(name, index);
    }
    return index;
  }

  apply({ revision, before, after }: Change): void {
    const entry = after ?? before;
    if (!entry) return;
    if (after) this.#entries.set(entry.key, after);
    else this.#entries.delete(entry.key);
    for (const index of this.#indexes.values()) {
      if (before) index.delete(before);
      if (after) index.add(after);
    }
    this.changedAt = revision;
    this.#snapshots.clear();
  }
}

/** Objects of one moment, in the order of their keys, and their bytes joined as the items of a list. */
export class Snapshot {
  readonly entries: readonly Entry[];
  #items: Buffer | undefined;

  constructor(entries: readonly Entry[]) {
    this.entries = entries;
  }

  get items(): Buffer {
    this.#items ??= joinItems(this.entries);
    return this.#items;
  }

  /** The place of the first entry behind `key`. */
  behind(key: string): number {
    let [low, high] = [0, this.entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.entries[middle]!.key <= key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export class Index {
  readonly #valuesOf: (object: Stored) => readonly string[];
  readonly #entries = new Map<string, Set<Entry>>();

  constructor(valuesOf: (object: Stored) => readonly string[]) {
    this.#valuesOf = valuesOf;
  }

  has(value: string): boolean {
    return this.#entries.has(value);
  }

  /** In the order of keys. */
  get(value: string): Entry[] {
    return [...(this.#entries.get(value) ?? [])].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  add(entry: Entry): void {
    for (const value of this.#valuesOf(entry.object)) {
      const set = this.#entries.get(value);
      if (set) set.add(entry);
      else this.#entries.set(value, new Set([entry]));
    }
  }

  delete(entry: Entry): void {
    for (const value of this.#valuesOf(entry.object)) {
      const set = this.#entries.get(value);
      if (set?.delete(entry) && set.size === 0) this.#entries.delete(value);
    }
  }
}

interface Waiter {
  readonly revision: number;
  resolve(): void;
}

export interface CacheListener {
  /** All changes of one transaction, after the cache shows them. */
  changed(resource: Resource, changes: readonly Change[]): void;
  /** Changes were lost, and only their sum is known: what happened before `revision` cannot be told in events. */
  gap(revision: number): void;
}

export class Cache {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #resources = new Map<string, Resource>();
  readonly #waiters = new Set<Waiter>();
  #listener: CacheListener | undefined;
  #revision = 0;
  #watch: StoreWatch | undefined;
  #again: Timer | undefined;
  #closed = false;

  constructor(store: Store, kinds: readonly AnyKind[], clock: Clock, log: Logger) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    for (const kind of kinds) this.#resources.set(kind.plural, new Resource(kind));
  }

  /** Everything up to this revision is in the cache. */
  get revision(): number {
    return this.#revision;
  }

  resource(kind: AnyKind): Resource {
    const resource = this.#resources.get(kind.plural);
    if (!resource) throw new Error(`${kind.plural} is not served`);
    return resource;
  }

  listen(listener: CacheListener): void {
    this.#listener = listener;
  }

  /** Reads what is there and follows it from then on. After a break it does the same again. */
  async follow(): Promise<void> {
    const { kvs, revision } = await this.#store.range({ prefix: registry });
    if (this.#closed) return;
    const found = new Set<string>();
    for (const kv of kvs) {
      found.add(kv.key);
      this.#apply(revision, [{ type: 'put', kv }]);
    }
    for (const resource of this.#resources.values()) {
      for (const { key } of resource.snapshot().entries) {
        if (!found.has(key)) this.#apply(revision, [{ type: 'delete', key, modRevision: revision }]);
      }
    }
    this.#listener?.gap(revision);
    this.#advance(revision);
    this.#watch = this.#store.watch(
      { prefix: registry, startRevision: revision + 1 },
      {
        events: (at, events) => {
          this.#apply(at, events);
          this.#advance(at);
        },
        progress: (at) => this.#advance(at),
        error: (error) => this.#followAgain(error),
      },
    );
  }

  /** Resolves when the cache shows `revision`. */
  reached(revision: number): Promise<void> | undefined {
    if (this.#revision >= revision) return undefined;
    return new Promise((resolve) => this.#waiters.add({ revision, resolve }));
  }

  close(): void {
    this.#closed = true;
    this.#watch?.close();
    this.#again?.cancel();
    for (const waiter of this.#waiters) waiter.resolve();
    this.#waiters.clear();
  }

  #followAgain(error: Error): void {
    if (this.#closed) return;
    this.#log.warn(`lost the store's events, reading everything again: ${error.message}`);
    this.#again = this.#clock.after(followAgainAfterMs, () => {
      this.follow().catch((failure) => this.#followAgain(failure));
    });
  }

  #apply(revision: number, events: readonly StoreEvent[]): void {
    const changed = new Map<Resource, Change[]>();
    for (const event of events) {
      const key = event.type === 'put' ? event.kv.key : event.key;
      const resource = this.#resourceOf(key);
      if (!resource) continue;
      const before = resource.get(key);
      const after = event.type === 'put' ? this.#entry(resource.kind, event.kv) : undefined;
      if (before?.revision === after?.revision) continue;
      const change = { revision, before, after };
      resource.apply(change);
      const changes = changed.get(resource);
      if (changes) changes.push(change);
      else changed.set(resource, [change]);
    }
    for (const [resource, changes] of changed) this.#listener?.changed(resource, changes);
  }

  #resourceOf(key: string): Resource | undefined {
    return this.#resources.get(key.slice(registry.length, key.indexOf('/', registry.length)));
  }

  #entry(kind: AnyKind, kv: KeyValue): Entry | undefined {
    const value = canonical(kind, kv.value);
    if (value) return new Entry(kind, kv.key, value, kv.modRevision);
    this.#log.error(`${kv.key} holds no ${kind.kind}; it is not served`);
    return undefined;
  }

  #advance(revision: number): void {
    if (revision > this.#revision) this.#revision = revision;
    for (const waiter of this.#waiters) {
      if (waiter.revision > this.#revision) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }
}
