/** All objects of one kind as the cache holds them: by key, in order, joined, and indexed. */
import sortedBtree from 'sorted-btree';
import type { Stored } from '../api/object.ts';
import type { AnyKind, Entry } from './entry.ts';
import { type Bytes, joinItems } from './items.ts';

export const registry = '/registry/';
/** Keys below it are no objects, but what servers that share a store have to tell each other. */
export const ownKeys = `${registry}kubecfg/`;

/** One object came, changed or went: `before` is missing for a new one, `after` for one that went. */
export interface Change {
  readonly revision: number;
  readonly before: Entry | undefined;
  readonly after: Entry | undefined;
}

/** Something made of the objects, which is told of every change. */
export interface View {
  add(entry: Entry): void;
  delete(entry: Entry): void;
}

/** All objects of one kind, in the order of their keys. */
export class Resource {
  readonly kind: AnyKind;
  readonly prefix: string;
  /** Revision of the newest change. */
  changedAt = 0;
  readonly #snapshots = new Map<string, Snapshot>();
  readonly #entries = new sortedBtree.default<string, Entry>(undefined, sortedBtree.simpleComparator);
  readonly #views = new Map<string, View>();

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
      // Names of namespaces that hold nothing are endless.
      if (entries.length) this.#snapshots.set(prefix, snapshot);
    }
    return snapshot;
  }

  /** Objects by a value that `valuesOf` reads out of them. Built when first asked for. */
  index(name: string, valuesOf: (object: Stored) => readonly string[]): Index {
    return this.view(`index ${name}`, () => new Index(valuesOf));
  }

  /** The view of that name. Made, and filled, when first asked for. */
  view<V extends View>(name: string, make: () => V): V {
    let view = this.#views.get(name) as V | undefined;
    if (!view) {
      view = make();
      for (const entry of this.#entries.values()) view.add(entry);
      this.#views.set(name, view);
    }
    return view;
  }

  apply({ revision, before, after }: Change): void {
    const entry = after ?? before;
    if (!entry) return;
    if (after) this.#entries.set(entry.key, after);
    else this.#entries.delete(entry.key);
    for (const view of this.#views.values()) {
      if (before) view.delete(before);
      if (after) view.add(after);
    }
    this.changedAt = revision;
    this.#snapshots.clear();
  }
}

/** Objects of one moment, in the order of their keys, and their bytes as the items of a list. */
export class Snapshot {
  readonly entries: readonly Entry[];
  #items: Bytes | undefined;

  constructor(entries: readonly Entry[]) {
    this.entries = entries;
  }

  get items(): Bytes {
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

export class Index implements View {
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
