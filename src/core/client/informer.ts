/**
 * A cache of one kind that follows the server by list and watch, with indexes and change handlers (client-go's
 * shared informer). Objects in it are shared and never to be changed.
 */
import type { KubeObject, Stored } from '../api/object.ts';

export type Change<T extends KubeObject> =
  | { type: 'added'; object: Stored<T>; old?: undefined }
  | { type: 'modified'; object: Stored<T>; old: Stored<T> }
  | { type: 'deleted'; object: Stored<T>; old?: undefined };

/** Index name → the values an object is found under. */
export type Indexers<T extends KubeObject> = Readonly<Record<string, (object: Stored<T>) => readonly string[]>>;

export interface Informer<T extends KubeObject> {
  /** True once the first list is in the cache. */
  readonly hasSynced: boolean;
  /** Resolves when hasSynced becomes true; rejects when the informers are stopped before. */
  synced(): Promise<void>;
  get(namespace: string, name: string): Stored<T> | undefined;
  list(): Iterable<Stored<T>>;
  readonly size: number;
  /** Objects an indexer filed under `value`; work does not grow with the size of the cache. */
  byIndex(index: string, value: string): Iterable<Stored<T>>;
  /** Called after the cache changed, first for everything that is in it already. Returns the unsubscriber. */
  subscribe(handler: (change: Change<T>) => void): () => void;
}
