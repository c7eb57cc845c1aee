/**
 * The disk of a store with a directory: one LMDB file. Each batch is one LMDB transaction, written and synced by lmdb's
 * own thread; with `overlappingSync: false` its promise resolves when the disk has it.
 */
import { statSync } from 'node:fs';
import { type Commit, commitsOf, keyOf } from '../commit.ts';
import { StoreFullError } from '../store.ts';
import type { Batch, Disk } from './disk.ts';
import { closeLmdbFile, freeBytes, type LmdbFile, openLmdbFile } from './lmdb-file.ts';
import {
  decodeRecord,
  encodeRecord,
  inOrder,
  type Placed,
  recordKey,
  recordSize,
  recordsEnd,
  revisionOfRecord,
} from './record.ts';

const compactedKey = Buffer.from('m:compacted');
/** A failed commit is taken for lack of room when less than this would have been left. */
const fullBelow = 4 * 1024 ** 2;

interface Put {
  key: Buffer;
  value: Buffer;
}

/** What lmdb rejects with; the reason comes in a second promise. */
interface FailedCommit extends Error {
  commitError?: Promise<never>;
}

export async function openLmdbDisk(dir: string): Promise<Disk> {
  return new LmdbDisk(await openLmdbFile(dir));
}

class LmdbDisk implements Disk {
  readonly compactedRevision: number;
  readonly #file: LmdbFile;
  #compactedOnDisk: number;
  /** Of the last commit that succeeded. */
  #revision: number;
  /** Set when nothing may be written any more before the store is opened again. */
  #broken: Error | undefined;

  constructor(file: LmdbFile) {
    this.#file = file;
    this.#compactedOnDisk = file.db.getBinary(compactedKey)?.readDoubleBE(0) ?? 0;
    this.compactedRevision = this.#compactedOnDisk;
    this.#revision = this.#lastRevision();
  }

  load() {
    return inOrder(this.#records(0));
  }

  async commit({ commits, forget, compactedRevision }: Batch): Promise<void> {
    if (this.#broken) throw this.#broken;
    // All that could throw comes before the batch: lmdb commits what a batch did before an exception.
    const puts = encode(commits);
    const removes = forget.map(({ key, revision }) => recordKey(revision, key));
    if (compactedRevision !== this.#compactedOnDisk) puts.push({ key: compactedKey, value: double(compactedRevision) });
    if (puts.length === 0 && removes.length === 0) return;
    const { db } = this.#file;
    try {
      await db.batch(() => {
        for (const { key, value } of puts) db.put(key, value);
        for (const key of removes) db.remove(key);
      });
    } catch (error) {
      throw await this.#failure(error as FailedCommit, puts);
    }
    this.#compactedOnDisk = compactedRevision;
    this.#revision = commits.at(-1)?.revision ?? this.#revision;
  }

  read(key: string, revision: number) {
    const id = recordKey(revision, key);
    const record = this.#file.db.getBinaryFast(id);
    const event = record && decodeRecord(id, record).event;
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

  bytes(): number {
    return statSync(this.#file.path).size;
  }

  close(): Promise<void> {
    return closeLmdbFile(this.#file);
  }

  *#records(revision: number): Generator<Placed> {
    const { db } = this.#file;
    for (const key of db.getKeys({ start: recordKey(revision), end: recordsEnd })) {
      yield decodeRecord(key, db.getBinaryFast(key)!);
    }
  }

  #lastRevision(): number {
    this.#file.db.resetReadTxn();
    const [key] = this.#file.db.getKeys({ start: recordsEnd, end: recordKey(0), reverse: true, limit: 1 });
    return key ? revisionOfRecord(key) : 1;
  }

  /** What a failed commit means: no room, another error, or that LMDB can no longer be relied on. */
  async #failure(failed: FailedCommit, puts: readonly Put[]): Promise<Error> {
    const { dir, db } = this.#file;
    const cause: Error & { code?: number } = await Promise.resolve(failed.commitError ?? failed).catch(
      (error) => error,
    );
    try {
      db.transactionSync(() => {}); // after a fatal error LMDB refuses all transactions, and lmdb's thread answers none
      if (this.#lastRevision() > this.#revision) throw new Error('a failed write is on disk nevertheless');
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

/** One buffer holds all records of a batch: lmdb looks up its address once, and the collector frees it at once. */
function encode(commits: readonly Commit[]): Put[] {
  let size = 0;
  for (const { events } of commits) for (const event of events) size += recordSize(event);
  const all = Buffer.allocUnsafe(size);
  const puts: Put[] = [];
  let start = 0;
  for (const { revision, events } of commits) {
    for (const [place, event] of events.entries()) {
      const value = all.subarray(start, start + recordSize(event));
      encodeRecord(event, place, value);
      puts.push({ key: recordKey(revision, keyOf(event)), value });
      start += value.length;
    }
  }
  return puts;
}

function double(value: number): Buffer {
  const out = Buffer.alloc(8);
  out.writeDoubleBE(value);
  return out;
}
