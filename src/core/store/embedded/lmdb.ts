/**
 * The disk of a store with a directory: one LMDB file. Each batch is one LMDB transaction, written and synced by lmdb's
 * own thread; with `overlappingSync: false` its promise resolves when the disk has it.
 */
import { statfsSync, statSync } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { RootDatabase } from 'lmdb';
import { StoreFullError } from '../store.ts';
import { type Batch, type Commit, commitsOf, type Disk, keyOf } from './disk.ts';
import { claim, holdHere, releaseHere } from './owner.ts';
import { decodeRecord, encodeRecord, inOrder, type Placed, recordKey, recordSize, recordsEnd } from './record.ts';

type Database = RootDatabase<Buffer, Buffer>;

/** Counts the layouts of the file: that of record.ts and of these keys, which sort before all records. */
const format = 1;
const formatKey = Buffer.from('m:format');
const ownerKey = Buffer.from('m:owner');
const compactedKey = Buffer.from('m:compacted');

const fileName = 'store.mdb';
/** Address space, not disk. A file that outgrows it is mapped anew. */
const mapSize = 8 * 1024 ** 3;

/** A failed commit is taken for lack of room when the file system has less than this left. */
const fullBelow = 4 * 1024 ** 2;

/** What lmdb rejects with; the reason comes in a second promise. */
interface FailedCommit extends Error {
  commitError?: Promise<never>;
}

export async function openLmdbDisk(path: string): Promise<Disk> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const dir = await realpath(path);
  holdHere(dir);
  try {
    return new LmdbDisk(await openFile(dir), dir);
  } catch (error) {
    releaseHere(dir);
    throw error;
  }
}

async function openFile(dir: string): Promise<Database> {
  const { open } = await import('lmdb');
  const db: Database = open({
    path: join(dir, fileName),
    encoding: 'binary',
    keyEncoding: 'binary',
    mapSize,
    overlappingSync: false,
    eventTurnBatching: false, // the engine makes the batches
  });
  try {
    db.transactionSync(() => {
      checkFormat(db, dir);
      db.putSync(ownerKey, claim(dir, db.getBinary(ownerKey)));
    });
    return db;
  } catch (error) {
    await db.close();
    throw error;
  }
}

function checkFormat(db: Database, dir: string): void {
  const found = db.getBinary(formatKey)?.readUInt32BE(0);
  if (found === undefined) {
    const value = Buffer.alloc(4);
    value.writeUInt32BE(format);
    db.putSync(formatKey, value);
  } else if (found > format) {
    throw new Error(
      `data directory ${dir} was written by a newer kubecfg (store format ${found}, this one knows ${format}): ` +
        'use that version, or another data directory',
    );
  }
}

/** One buffer holds all records of a batch: lmdb asks V8 once for its address, and the collector frees it at once. */
function encode(commits: readonly Commit[]): { key: Buffer; value: Buffer }[] {
  let size = 0;
  for (const { events } of commits) for (const event of events) size += recordSize(event);
  const all = Buffer.allocUnsafe(size);
  const puts: { key: Buffer; value: Buffer }[] = [];
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

class LmdbDisk implements Disk {
  readonly compactedRevision: number;
  readonly #db: Database;
  readonly #dir: string;
  #compactedOnDisk: number;
  /** Set when LMDB itself gave up: it would never answer another transaction. */
  #broken: Error | undefined;

  constructor(db: Database, dir: string) {
    this.#db = db;
    this.#dir = dir;
    this.#compactedOnDisk = db.getBinary(compactedKey)?.readDoubleBE(0) ?? 0;
    this.compactedRevision = this.#compactedOnDisk;
  }

  load() {
    return inOrder(this.#records(0));
  }

  async commit({ commits, forget, compactedRevision }: Batch): Promise<void> {
    if (this.#broken) throw this.#broken;
    // All that could throw happens before the batch: lmdb commits the part of a batch that came before an exception.
    const puts = encode(commits);
    const removes = forget.map(({ key, revision }) => recordKey(revision, key));
    const compacted = compactedRevision === this.#compactedOnDisk ? undefined : Buffer.alloc(8);
    compacted?.writeDoubleBE(compactedRevision);
    if (puts.length === 0 && removes.length === 0 && !compacted) return;
    try {
      await this.#db.batch(() => {
        for (const { key, value } of puts) this.#db.put(key, value);
        for (const key of removes) this.#db.remove(key);
        if (compacted) this.#db.put(compactedKey, compacted);
      });
    } catch (error) {
      throw await this.#failure(error as FailedCommit);
    }
    this.#compactedOnDisk = compactedRevision;
  }

  read(key: string, revision: number) {
    const id = recordKey(revision, key);
    const record = this.#db.getBinaryFast(id);
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
    return statSync(join(this.#dir, fileName)).size;
  }

  async close(): Promise<void> {
    await this.#db.remove(ownerKey).catch(() => {}); // a full disk: the next to open sees that this process is gone
    await this.#db.close();
    releaseHere(this.#dir);
  }

  *#records(revision: number): Generator<Placed> {
    for (const key of this.#db.getKeys({ start: recordKey(revision), end: recordsEnd })) {
      yield decodeRecord(key, this.#db.getBinaryFast(key)!);
    }
  }

  /** What a failed commit means. */
  async #failure(failed: FailedCommit): Promise<Error> {
    const cause: Error = await Promise.resolve(failed.commitError ?? failed).catch((error) => error);
    const { bavail, bsize } = statfsSync(this.#dir);
    // The code does not tell: LMDB calls it an input/output error when there is room for a part of a write only.
    if (bavail * bsize < fullBelow) return new StoreFullError(`no room left in ${this.#dir} (${cause.message})`);
    try {
      this.#db.transactionSync(() => {});
    } catch (error) {
      this.#broken = new Error(`the store in ${this.#dir} can no longer be written`, { cause: error });
    }
    return this.#broken ?? new Error(`cannot write the store in ${this.#dir}: ${cause.message}`, { cause });
  }
}
