/**
 * The durable state in memory: every live key with its value, and for keys that changed since the last compaction the
 * versions before, whose values are on disk.
 */
import type { Commit } from '../commit.ts';
import { compareKeys, prefixEnd } from '../keys.ts';
import type { KeyValue } from '../store.ts';
import type { Version } from './disk.ts';
import { BTree } from './sorted.ts';

interface Entry {
  readonly key: string;
  /** The newest value, unless the key was deleted. */
  kv: KeyValue | undefined;
  /** Superseded versions and deletions, oldest first. */
  readonly past: Version[];
}

export class Tree {
  readonly #entries = new Map<string, Entry>();
  /** The entries with a value, in order. */
  readonly #live = new BTree<string, Entry>(undefined, compareKeys);
  /** The entries with a past, in order. */
  readonly #changed = new BTree<string, Entry>(undefined, compareKeys);
  /** The past of all entries, in the order in which compaction gives it up. */
  #garbage: Version[] = [];
  #garbageStart = 0;

  /** Live keys. */
  get size(): number {
    return this.#live.size;
  }

  get(key: string): KeyValue | undefined {
    return this.#entries.get(key)?.kv;
  }

  apply({ revision, events }: Commit): void {
    for (const event of events) {
      if (event.type === 'put') this.#put(event.kv);
      else this.#delete(event.key, revision);
    }
    // A deletion goes one revision later than what it deleted: a watch that begins at the compacted revision must see it.
    for (const event of events) {
      if (event.type === 'delete') this.#remember(this.#entries.get(event.key)!, revision, true, revision + 1);
    }
  }

  #put(kv: KeyValue): void {
    const entry = this.#entry(kv.key);
    if (entry.kv) this.#remember(entry, entry.kv.modRevision, false, kv.modRevision);
    else this.#live.set(kv.key, entry);
    entry.kv = kv;
  }

  #delete(key: string, revision: number): void {
    const entry = this.#entry(key);
    if (!entry.kv) return; // what it deleted was forgotten before the deletion
    this.#remember(entry, entry.kv.modRevision, false, revision);
    this.#live.delete(key);
    entry.kv = undefined;
  }

  #entry(key: string): Entry {
    let entry = this.#entries.get(key);
    if (!entry) {
      entry = { key, kv: undefined, past: [] };
      this.#entries.set(key, entry);
    }
    return entry;
  }

  #remember(entry: Entry, revision: number, deleted: boolean, neededBefore: number): void {
    const version: Version = { key: entry.key, revision, deleted, neededBefore };
    if (entry.past.length === 0) this.#changed.set(entry.key, entry);
    entry.past.push(version);
    this.#garbage.push(version);
  }

  /** Live keys that start with `prefix` and sort behind `after`: the first `limit` of them, and how many there are. */
  range(prefix: string, after: string | undefined, limit: number): { kvs: KeyValue[]; count: number } {
    const from = startOf(prefix, after);
    const end = prefixEnd(prefix);
    const kvs: KeyValue[] = [];
    if (compareKeys(from, end) >= 0) return { kvs, count: 0 };
    const passed = from === after && this.#live.has(from) ? 1 : 0;
    const count = this.#live.forRange(from, end, false) - passed;
    const wanted = Math.min(limit, count);
    if (wanted === 0) return { kvs, count };
    this.#live.forRange(from, end, false, (key, { kv }) => {
      if (key !== after) kvs.push(kv!);
      return kvs.length === wanted ? stop : undefined;
    });
    return { kvs, count };
  }

  /** Live keys that start with `prefix`. */
  keys(prefix: string): string[] {
    return this.#live.getRange(prefix, prefixEnd(prefix), false).map(([key]) => key);
  }

  /** The same range as it was at `revision`, whole; of values that have been superseded since it gives the version. */
  rangeAt(revision: number, prefix: string, after: string | undefined): (KeyValue | Version)[] {
    const from = startOf(prefix, after);
    const end = prefixEnd(prefix);
    const found: (KeyValue | Version)[] = [];
    this.#live.forRange(from, end, false, (_, { kv }) => {
      if (kv!.modRevision <= revision) found.push(kv!);
    });
    this.#changed.forRange(from, end, false, (_, { kv, past }) => {
      if (kv && kv.modRevision <= revision) return;
      const version = lastBefore(past, revision + 1);
      if (version && !version.deleted) found.push(version);
    });
    return found.filter(({ key }) => key !== after).sort((a, b) => compareKeys(a.key, b.key));
  }

  /** The value that `key` had before `revision`, unless it had none or it is forgotten. */
  before(key: string, revision: number): Version | undefined {
    const version = lastBefore(this.#entries.get(key)?.past ?? [], revision);
    return version?.deleted ? undefined : version;
  }

  /** The next versions to give up when history begins at `compactedRevision`. */
  garbage(compactedRevision: number, limit: number): Version[] {
    let end = this.#garbageStart;
    const last = Math.min(this.#garbage.length, end + limit);
    while (end < last && this.#garbage[end]!.neededBefore <= compactedRevision) end++;
    return this.#garbage.slice(this.#garbageStart, end);
  }

  /** Gives up what garbage() named. */
  forget(garbage: readonly Version[]): void {
    const counts = new Map<string, number>();
    for (const { key } of garbage) counts.set(key, (counts.get(key) ?? 0) + 1);
    for (const [key, count] of counts) {
      const entry = this.#entries.get(key)!;
      entry.past.splice(0, count); // of each key the oldest go first
      if (entry.past.length > 0) continue;
      this.#changed.delete(key);
      if (!entry.kv) this.#entries.delete(key);
    }
    this.#garbageStart += garbage.length;
    if (this.#garbageStart * 2 > this.#garbage.length) {
      this.#garbage = this.#garbage.slice(this.#garbageStart);
      this.#garbageStart = 0;
    }
  }
}

/** The newest of versions, oldest first, before `revision`. A key that changes all the time has many thousands. */
function lastBefore(past: readonly Version[], revision: number): Version | undefined {
  let [low, high] = [0, past.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (past[middle]!.revision < revision) low = middle + 1;
    else high = middle;
  }
  return past[low - 1];
}

/** What makes sorted-btree end its walk. */
const stop = { break: true };

function startOf(prefix: string, after: string | undefined): string {
  return after !== undefined && compareKeys(after, prefix) > 0 ? after : prefix;
}
