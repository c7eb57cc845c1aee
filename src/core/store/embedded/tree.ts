/**
 * The durable state in memory: every live key with its value, and for keys that changed since the last compaction the
 * revisions of their earlier versions, whose values are on disk.
 */
import type { KeyValue } from '../store.ts';
import type { Commit, Version } from './disk.ts';
import { compareKeys, prefixEnd } from './keys.ts';
import { BTree } from './sorted.ts';

export class Tree {
  readonly #live = new BTree<string, KeyValue>(undefined, compareKeys);
  /** Superseded versions and deletions of a key, oldest first. */
  readonly #past = new BTree<string, Version[]>(undefined, compareKeys);
  /** The same versions in the order in which compaction gives them up. */
  #garbage: { from: number; version: Version }[] = [];
  #garbageStart = 0;

  get size(): number {
    return this.#live.size;
  }

  get(key: string): KeyValue | undefined {
    return this.#live.get(key);
  }

  apply({ revision, events }: Commit): void {
    for (const event of events) {
      const { prev } = event;
      if (prev) this.#remember({ key: prev.key, revision: prev.modRevision, deleted: false }, revision);
      if (event.type === 'put') this.#live.set(event.kv.key, event.kv);
      else this.#live.delete(event.key);
    }
    // A deletion is kept one compaction longer than what it deleted, so that a watch from the compacted revision sees it.
    for (const event of events) {
      if (event.type === 'delete') this.#remember({ key: event.key, revision, deleted: true }, revision + 1);
    }
  }

  #remember(version: Version, from: number): void {
    const versions = this.#past.get(version.key);
    if (versions) versions.push(version);
    else this.#past.set(version.key, [version]);
    this.#garbage.push({ from, version });
  }

  /** Live keys that start with `prefix` and sort behind `after`: the first `limit` of them, and how many there are. */
  range(prefix: string, after: string | undefined, limit: number): { kvs: KeyValue[]; count: number } {
    const from = startOf(prefix, after);
    const end = prefixEnd(prefix);
    const passed = from === after && this.#live.has(from) ? 1 : 0;
    const count = this.#live.forRange(from, end, false) - passed;
    const kvs: KeyValue[] = [];
    if (limit >= count) {
      this.#live.forRange(from, end, false, (_, kv) => void kvs.push(kv));
      if (passed) kvs.shift();
      return { kvs, count };
    }
    for (const [, kv] of this.#live.entries(from)) {
      if (kvs.length === limit) break;
      if (kv.key !== after) kvs.push(kv);
    }
    return { kvs, count };
  }

  keys(prefix: string): string[] {
    return this.#live.getRange(prefix, prefixEnd(prefix), false).map(([key]) => key);
  }

  /** The same range as it was at `revision`, whole; of values that have been superseded since it gives the version. */
  rangeAt(revision: number, prefix: string, after: string | undefined): (KeyValue | Version)[] {
    const from = startOf(prefix, after);
    const end = prefixEnd(prefix);
    const found: (KeyValue | Version)[] = [];
    this.#live.forRange(from, end, false, (_, kv) => {
      if (kv.modRevision <= revision) found.push(kv);
    });
    this.#past.forRange(from, end, false, (key, versions) => {
      if ((this.#live.get(key)?.modRevision ?? Number.POSITIVE_INFINITY) <= revision) return;
      const version = versions.findLast((v) => v.revision <= revision);
      if (version && !version.deleted) found.push(version);
    });
    return found.filter(({ key }) => key !== after).sort((a, b) => compareKeys(a.key, b.key));
  }

  /** The version of `key` that was there before `revision`, unless it has been forgotten or was a deletion. */
  before(key: string, revision: number): Version | undefined {
    const version = this.#past.get(key)?.findLast((v) => v.revision < revision);
    return version?.deleted ? undefined : version;
  }

  /** The next versions to give up when history begins at `compactedRevision`; forget() takes them out. */
  garbage(compactedRevision: number, limit: number): Version[] {
    const found: Version[] = [];
    for (let i = this.#garbageStart; i < this.#garbage.length && found.length < limit; i++) {
      const { from, version } = this.#garbage[i]!;
      if (from > compactedRevision) break;
      found.push(version);
    }
    return found;
  }

  /** Takes out the first `count` versions that garbage() named: of each key they are its oldest. */
  forget(versions: readonly Version[]): void {
    for (const { key } of versions) {
      const past = this.#past.get(key)!;
      past.shift();
      if (past.length === 0) this.#past.delete(key);
    }
    this.#garbageStart += versions.length;
    if (this.#garbageStart * 2 > this.#garbage.length) {
      this.#garbage = this.#garbage.slice(this.#garbageStart);
      this.#garbageStart = 0;
    }
  }

  *[Symbol.iterator](): Generator<KeyValue> {
    yield* this.#live.values();
  }
}

function startOf(prefix: string, after: string | undefined): string {
  return after !== undefined && compareKeys(after, prefix) > 0 ? after : prefix;
}
