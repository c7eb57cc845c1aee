/**
 * The disk of a store with a directory: one LMDB file. Each batch is one LMDB transaction, written and synced by lmdb's
 * own thread; with `overlappingSync: false` its promise resolves when the disk has it.
 */
import { statSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { type Commit, commitsOf, revisionOf } from '../commit.ts';
import { StoreDamagedError, StoreFullError } from '../store.ts';
import { freeBytes } from './database.ts';
import type { Batch, Disk, DiskSpace } from './disk.ts';
import { closeLmdbFile, type LmdbFile, openLmdbFile } from './lmdb-file.ts';
import {
  decodeRecord,
  encodeRecord,
  inOrder,
  type Placed,
  type Put,
  recordKey,
  recordSize,
  recordsEnd,
} from './record.ts';
import { type FileState, readState, stateKey, stateValue } from './state.ts';

/** A failed commit is taken for lack of room when less than this would have been left. */
const fullBelow = 4 * 1024 ** 2;

const append = { append: true } as const;
/** The batch tells the outcome of all; that their keys come in order, encode() sees to. */
const noMatter = () => {};

/** What lmdb rejects with; the reason comes in a second promise. */
interface FailedCommit extends Error {
  commitError?: Promise<never>;
}

export async function openLmdbDisk(dir: string): Promise<Disk> {
  const file = await openLmdbFile(dir);
  try {
    return new LmdbDisk(file);
  } catch (error) {
    await closeLmdbFile(file);
    throw error;
  }
}

class LmdbDisk implements Disk {
  readonly compactedRevision: number;
  readonly #file: LmdbFile;
  /** As of the last commit that succeeded. */
  #state: FileState;
  /** Set when nothing may be written any more before the store is opened again. */
  #broken: Error | undefined;

  constructor(file: LmdbFile) {
    this.#file = file;
    const state = readState(file.db);
    if (state === 'damaged') throw this.#damaged('what it says of itself does not match its checksum');
    this.#state = state;
    this.compactedRevision = state.compactedRevision;
  }

  /** Looks at everything, and so finds out whether something is damaged or missing. */
  *load() {
    let records = 0;
    let revision = 1;
    try {
      for (const event of inOrder(this.#records(0))) {
        records++;
        revision = revisionOf(event);
        yield event;
      }
    } catch (error) {
      throw error instanceof StoreDamagedError ? error : this.#damaged(`LMDB can't read it (${error})`);
    }
    const { records: wanted, revision: last } = this.#state;
    if (records === wanted && revision === last) return;
    throw this.#damaged(
      `it should hold ${wanted} records up to revision ${last} and holds ${records} up to revision ${revision}`,
    );
  }

  async commit({ commits, forget, compactedRevision }: Batch): Promise<void> {
    if (this.#broken) throw this.#broken;
    const before = this.#state;
    if (commits.length === 0 && forget.length === 0 && compactedRevision === before.compactedRevision) return;
    // All that could throw comes before the batch: lmdb commits what a batch did before an exception.
    const puts = encode(commits, before.revision);
    const removes = forget.map(({ key, revision }) => recordKey(revision, key));
    const records = before.records + puts.length - removes.length;
    const state = { compactedRevision, revision: commits.at(-1)?.revision ?? before.revision, records };
    const stateAfter = stateValue(state);
    const { db } = this.#file;
    try {
      await db.batch(() => {
        db.put(stateKey, stateAfter);
        for (const { key, value } of puts) db.put(key, value, append).catch(noMatter);
        for (const key of removes) db.remove(key);
      });
    } catch (error) {
      throw await this.#failure(error as FailedCommit, puts);
    }
    this.#state = state;
  }

  read(key: string, revision: number) {
    const id = recordKey(revision, key);
    const record = this.#file.db.getBinaryFast(id);
    const event = record && this.#decode(id, record).event;
    return event?.type === 'put' ? event.kv : undefined;
  }

  scan(revision: number, limit: number): Commit[] {
    const commits: Commit[] = [];
    let size = 0;
    for (const commit of commitsOf(inOrder(this.#records(revision)))) {
      commits.push(commit);
      size += commit.events.length;
      if (size >= limit) break;
    }
    return commits;
  }

  space(): DiskSpace {
    const { db, path } = this.#file;
    const { pageSize, lastPageNumber, root, free } = db.getStats() as PageCounts;
    const used = headPages + pagesOf(root) + pagesOf(free);
    return { bytes: statSync(path).size, freeBytes: (lastPageNumber + 1 - used) * pageSize };
  }

  close(): Promise<void> {
    return closeLmdbFile(this.#file);
  }

  *#records(revision: number): Generator<Placed> {
    const { db } = this.#file;
    for (const key of db.getKeys({ start: recordKey(revision), end: recordsEnd })) {
      yield this.#decode(key, db.getBinaryFast(key));
    }
  }

  /** A changed key may be where LMDB does not find it again. */
  #decode(key: Buffer, record: Buffer | undefined): Placed {
    const placed = record && decodeRecord(key, record);
    if (!placed) throw this.#damaged(`the record under ${key.toString('latin1')} does not match its checksum`);
    return placed;
  }

  #damaged(what: string): Error {
    return new StoreDamagedError(this.#file.path, what);
  }

  /** What a failed commit means: no room, another error, or that LMDB can no longer be relied on. */
  async #failure(failed: FailedCommit, puts: readonly Put[]): Promise<Error> {
    const { dir, db } = this.#file;
    const cause: Error & { code?: number } = await Promise.resolve(failed.commitError ?? failed).catch(
      (error) => error,
    );
    try {
      db.transactionSync(() => {}); // after a fatal error LMDB refuses all transactions, and lmdb's thread answers none
      db.resetReadTxn();
      const state = readState(db);
      if (!isDeepStrictEqual(state, this.#state)) throw new Error('a failed write is on disk nevertheless');
    } catch (error) {
      this.#broken = new Error(`the store in ${dir} takes no more writes until it is opened again: ${error}`, {
        cause,
      });
      return this.#broken;
    }
    // The code alone does not tell: LMDB calls it an input/output error when there was room for a part of a write.
    const size = puts.reduce((sum, { value }) => sum + value.length, 0);
    if (freeBytes(dir) < size + fullBelow) return new StoreFullError(`no room left in ${dir} (${cause.message})`);
    return new Error(`cannot write the store in ${dir}: ${cause.message}`, { cause });
  }
}

/**
 * The records of commits behind revision `last`, in the order of their keys. One buffer holds all of them: lmdb looks up
 * its address once, and the collector frees it at once.
 */
function encode(commits: readonly Commit[], last: number): Put[] {
  let size = 0;
  for (const { events } of commits) for (const event of events) size += recordSize(event);
  const all = Buffer.allocUnsafe(size);
  const puts: Put[] = [];
  let start = 0;
  let before = last;
  for (const { revision, events } of commits) {
    if (revision <= before) throw new Error(`revision ${revision} cannot follow ${before}`);
    before = revision;
    const records = [...events.entries()].map(([place, event]) => {
      const end = start + recordSize(event);
      const record = encodeRecord(event, place, all.subarray(start, end));
      start = end;
      return record;
    });
    if (records.length > 1) records.sort((a, b) => Buffer.compare(a.key, b.key));
    puts.push(...records);
  }
  return puts;
}

interface TreePages {
  treeBranchPageCount: number;
  treeLeafPageCount: number;
  overflowPages: number;
}

/** Of lmdb's statistics, those that its types leave out. */
interface PageCounts {
  pageSize: number;
  lastPageNumber: number;
  root: TreePages;
  free: TreePages;
}

const headPages = 2;
const pagesOf = (tree: TreePages) => tree.treeBranchPageCount + tree.treeLeafPageCount + tree.overflowPages;
