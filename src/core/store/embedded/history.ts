/** What was before the newest values: read from the disk, found through the tree, given up by compaction. */
import { type Commit, keyOf, revisionOf } from '../commit.ts';
import { CompactedError, type KeyValue, type StoreEvent } from '../store.ts';
import type { Disk, Version } from './disk.ts';
import type { Tree } from './tree.ts';

/** Versions given up beside the writes of one batch, so that a compaction never holds writes up for long. */
const garbageAtOnce = 1_000;

export class History {
  /** Where history begins. */
  compactedRevision: number;
  readonly #disk: Disk;
  readonly #tree: Tree;

  constructor(disk: Disk, tree: Tree) {
    this.#disk = disk;
    this.#tree = tree;
    this.compactedRevision = disk.compactedRevision;
  }

  /** The keys of a range as they were at `revision`, the first `limit` of them and how many there were. */
  range(revision: number, prefix: string, after: string | undefined, limit: number) {
    if (revision < this.compactedRevision) throw new CompactedError(this.compactedRevision);
    const all = this.#tree.rangeAt(revision, prefix, after);
    const kvs = all.slice(0, limit).map((found) => ('value' in found ? found : this.#read(found)));
    return { kvs, count: all.length };
  }

  /** Commits from `revision` on, about `events` events of them, with the values before as far as they are kept. */
  scan(revision: number, events: number): Commit[] {
    const withPrev = (event: StoreEvent): StoreEvent => ({ ...event, prev: this.#before(event) });
    return this.#disk.scan(revision, events).map((commit) => ({ ...commit, events: commit.events.map(withPrev) }));
  }

  /** Versions that nobody can ask for any more and the disk still has. */
  garbage(): Version[] {
    return this.#tree.garbage(this.compactedRevision, garbageAtOnce);
  }

  #before(event: StoreEvent): KeyValue | undefined {
    if (event.type === 'put' && event.kv.version === 1) return undefined;
    const version = this.#tree.before(keyOf(event), revisionOf(event));
    return version && this.#disk.read(version.key, version.revision);
  }

  #read({ key, revision }: Version): KeyValue {
    const kv = this.#disk.read(key, revision);
    if (!kv) throw new Error(`the value of ${key} at revision ${revision} is not on disk`);
    return kv;
  }
}
