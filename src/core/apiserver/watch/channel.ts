import type { AnyKind } from '../entry.ts';
import { type Change, registry } from '../resource.ts';
import { fieldBucket } from '../selection.ts';
import { WatchRecord } from './item.ts';
import type { Watcher } from './watcher.ts';

/** The watchers of one kind, and what happened to it of late. */
export class Channel {
  readonly kind: AnyKind;
  /** Every change behind this revision is in `#recent`. */
  floor: number;
  readonly #recentMax: number;
  #recent: WatchRecord[] = [];
  readonly #buckets = new Map<string, Set<Watcher>>();
  /** Field paths that buckets are named by, and how many watchers use each. */
  readonly #paths = new Map<string, number>();

  constructor(kind: AnyKind, revision: number, recentMax: number) {
    this.kind = kind;
    this.floor = revision;
    this.#recentMax = recentMax;
  }

  add(watcher: Watcher): void {
    const { bucket, field } = watcher.selection;
    const set = this.#buckets.get(bucket);
    if (set) set.add(watcher);
    else this.#buckets.set(bucket, new Set([watcher]));
    if (field) this.#paths.set(field.path, (this.#paths.get(field.path) ?? 0) + 1);
  }

  delete(watcher: Watcher): void {
    const { bucket, field } = watcher.selection;
    const set = this.#buckets.get(bucket);
    if (!set?.delete(watcher)) return;
    if (set.size === 0) this.#buckets.delete(bucket);
    if (!field) return;
    const users = (this.#paths.get(field.path) ?? 1) - 1;
    if (users) this.#paths.set(field.path, users);
    else this.#paths.delete(field.path);
  }

  *watchers(): Generator<Watcher> {
    for (const set of this.#buckets.values()) yield* set;
  }

  report(changes: readonly Change[]): void {
    for (const change of changes) {
      const record = new WatchRecord(change);
      this.#remember(record);
      if (this.#buckets.size === 0) continue;
      for (const bucket of this.#bucketsOf(change)) {
        const set = this.#buckets.get(bucket);
        if (set) for (const watcher of set) watcher.offer(record);
      }
    }
  }

  replay(watcher: Watcher): void {
    const { prefix } = watcher.selection;
    const near = this.#recent.filter(({ change: { before, after } }) => (after ?? before)!.key.startsWith(prefix));
    const items = near.map((record) => watcher.itemOf(record));
    watcher.begin(items.filter((item) => item !== undefined));
  }

  forget(revision: number): void {
    this.#recent = [];
    this.floor = revision;
  }

  #remember(record: WatchRecord): void {
    this.#recent.push(record);
    // Trimmed by halves, so that the cost of moving the rest is spread over many changes.
    const surplus = this.#recent.length - this.#recentMax;
    if (surplus < this.#recentMax) return;
    this.floor = this.#recent[surplus - 1]!.change.revision;
    this.#recent.splice(0, surplus);
  }

  /** Where a change is announced: all, its namespace, its name, and each asked field's value before and after. */
  *#bucketsOf({ before, after }: Change): Generator<string> {
    const { key } = (after ?? before)!;
    let slash = key.indexOf('/', registry.length);
    for (; slash > 0; slash = key.indexOf('/', slash + 1)) yield key.slice(0, slash + 1);
    yield key;
    for (const path of this.#paths.keys()) {
      const was = before && fieldBucket(path, this.#value(path, before.object));
      const is = after && fieldBucket(path, this.#value(path, after.object));
      if (was !== undefined) yield was;
      if (is !== undefined && is !== was) yield is;
    }
  }

  #value(path: string, object: unknown): string {
    return this.kind.selectableFields?.[path]?.(object) ?? '';
  }
}
