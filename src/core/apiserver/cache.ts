/**
 * The server's picture of the store: everything below /registry/, followed by one watch. Reads are served from it, and a
 * write is answered once it shows here, so that whoever was answered finds the write in the next read.
 */
import type { Clock, Timer } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import type { KeyValue, Store, StoreEvent, StoreWatch } from '../store/store.ts';
import { type AnyKind, canonical, Entry } from './entry.ts';
import { isGuard } from './guards.ts';
import { type Change, Resource, registry } from './resource.ts';
import { Timeline } from './timeline.ts';

const followAgainAfterMs = 1000;

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
  /** Of the revisions that came while this was looking. */
  readonly timeline = new Timeline();
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #resources = new Map<string, Resource>();
  /** Revisions of the keys that are no objects: see guards.ts. */
  readonly #guards = new Map<string, number>();
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

  /** 0 when there is no such key. */
  guardRevision(key: string): number {
    return this.#guards.get(key) ?? 0;
  }

  listen(listener: CacheListener): void {
    this.#listener = listener;
  }

  /** Reads what is there and follows it from then on. After a break it does the same again. */
  async follow(): Promise<void> {
    const { kvs, revision } = await this.#store.range({ prefix: registry });
    if (this.#closed) return;
    const found = new Set<string>();
    this.#guards.clear();
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
    this.timeline.restart();
    this.#advance(revision);
    this.#watch = this.#store.watch(
      { prefix: registry, startRevision: revision + 1 },
      {
        events: (at, events) => {
          this.timeline.note(at, this.#clock.now());
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
      if (!resource) {
        if (isGuard(key)) this.#noteGuard(key, event);
        continue;
      }
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

  #noteGuard(key: string, event: StoreEvent): void {
    if (event.type === 'put') this.#guards.set(key, event.kv.modRevision);
    else this.#guards.delete(key);
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
