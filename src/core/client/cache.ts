/** The objects an informer has seen, with indexes kept up to date by each change and handlers told of it afterwards. */
import { type KubeObject, keyOf, type Stored } from '../api/object.ts';
import type { Logger } from '../async/log.ts';
import type { Change, Indexers } from './informer.ts';

export type Indexer<T extends KubeObject> = Indexers<T>[string];
type Handler<T extends KubeObject> = (change: Change<T>) => void;

export class Cache<T extends KubeObject> {
  readonly #log: Logger;
  readonly #objects = new Map<string, Stored<T>>();
  /** By function: two users with the same function share one index. */
  readonly #indexes = new Map<Indexer<T>, Index<T>>();
  readonly #handlers = new Set<Handler<T>>();

  constructor(log: Logger) {
    this.#log = log;
  }

  get size(): number {
    return this.#objects.size;
  }
  get(key: string): Stored<T> | undefined {
    return this.#objects.get(key);
  }
  list(): Iterable<Stored<T>> {
    return this.#objects.values();
  }

  /** The index that `valuesOf` makes; filled from what is in the cache when it is new. */
  index(valuesOf: Indexer<T>): Index<T> {
    let index = this.#indexes.get(valuesOf);
    if (!index) {
      index = new Index(valuesOf);
      for (const [key, object] of this.#objects) index.change(key, undefined, object);
      this.#indexes.set(valuesOf, index);
    }
    return index;
  }

  subscribe(handler: Handler<T>): () => void {
    for (const object of [...this.#objects.values()]) this.#call(handler, { type: 'added', object });
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  /** What `object` is now. The same name with another uid is another object: the old one was deleted in between. */
  put(object: Stored<T>): void {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    if (old && old.metadata.uid !== object.metadata.uid) {
      this.remove(old);
      this.put(object);
      return;
    }
    if (old?.metadata.resourceVersion === object.metadata.resourceVersion) return;
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) index.change(key, old, object);
    this.#tell(old ? { type: 'modified', object, old } : { type: 'added', object });
  }

  /** `object` is gone; it is what it was last. */
  remove(object: Stored<T>): void {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    if (!old) return;
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) index.change(key, old, undefined);
    this.#tell({ type: 'deleted', object });
  }

  /** These objects are all there are. */
  replace(objects: readonly Stored<T>[]): void {
    const keys = new Set(objects.map(keyOf));
    for (const [key, object] of this.#objects) if (!keys.has(key)) this.remove(object);
    for (const object of objects) this.put(object);
  }

  #tell(change: Change<T>): void {
    for (const handler of [...this.#handlers]) if (this.#handlers.has(handler)) this.#call(handler, change);
  }

  /** A handler that throws is a bug of its own; the others and the cache go on. */
  #call(handler: Handler<T>, change: Change<T>): void {
    try {
      handler(change);
    } catch (error) {
      this.#log.error(`handler of ${change.type} ${keyOf(change.object)}: ${(error as Error).stack ?? error}`);
    }
  }
}

class Index<T extends KubeObject> {
  readonly #valuesOf: Indexer<T>;
  readonly #found = new Map<string, Map<string, Stored<T>>>();

  constructor(valuesOf: Indexer<T>) {
    this.#valuesOf = valuesOf;
  }

  find(value: string): Iterable<Stored<T>> {
    return this.#found.get(value)?.values() ?? [];
  }

  change(key: string, old: Stored<T> | undefined, now: Stored<T> | undefined): void {
    const values = now ? this.#valuesOf(now) : [];
    if (old) for (const value of this.#valuesOf(old)) if (!values.includes(value)) this.#drop(value, key);
    if (now) for (const value of values) this.#file(value, key, now);
  }

  #file(value: string, key: string, object: Stored<T>): void {
    const objects = this.#found.get(value);
    if (objects) objects.set(key, object);
    else this.#found.set(value, new Map([[key, object]]));
  }

  #drop(value: string, key: string): void {
    const objects = this.#found.get(value);
    if (objects?.delete(key) && objects.size === 0) this.#found.delete(value);
  }
}
