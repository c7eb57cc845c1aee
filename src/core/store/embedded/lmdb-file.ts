/** Opens the LMDB file of a data directory, for this process alone. */
import { closeSync, existsSync, fstatSync, openSync, readSync, statfsSync } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { RootDatabase } from 'lmdb';
import { StoreFullError } from '../store.ts';
import { claim, holdHere, releaseHere } from './owner.ts';

export type Database = RootDatabase<Buffer, Buffer>;

/** Counts the layouts of the file: those of record.ts and of the keys `m:…`, which sort before all records. */
const format = 1;
const formatKey = Buffer.from('m:format');
const ownerKey = Buffer.from('m:owner');

/** Address space, not disk. A file that outgrows it is mapped anew. */
const mapSize = 8 * 1024 ** 3;
/** LMDB crashes when it has no room for the first pages of a new file. */
const newFileNeeds = 256 * 1024;

/** In the directory; LMDB keeps a second one beside it for its locks. */
export const fileName = 'store.mdb';

export interface LmdbFile {
  dir: string;
  path: string;
  db: Database;
}

export async function openLmdbFile(givenDir: string): Promise<LmdbFile> {
  await mkdir(givenDir, { recursive: true, mode: 0o700 });
  const dir = await realpath(givenDir);
  holdHere(dir);
  try {
    return await openHeld(dir);
  } catch (error) {
    releaseHere(dir);
    throw error;
  }
}

export async function closeLmdbFile({ dir, db }: LmdbFile): Promise<void> {
  await db.remove(ownerKey).catch(() => {}); // on a full disk; the next to open it sees that this process is gone
  await db.close();
  releaseHere(dir);
}

async function openHeld(dir: string): Promise<LmdbFile> {
  const path = join(dir, fileName);
  checkFile(dir, path);
  const { open } = await import('lmdb');
  const db: Database = open({
    path,
    encoding: 'binary',
    keyEncoding: 'binary',
    mapSize,
    overlappingSync: false,
    eventTurnBatching: false, // the engine makes the batches
  });
  try {
    db.transactionSync(() => {
      checkFormat(dir, db);
      db.putSync(ownerKey, claim(dir, db.getBinary(ownerKey)));
    });
  } catch (error) {
    await db.close();
    throw error;
  }
  return { dir, path, db };
}

/** What LMDB would not survive: no room for a new file, and a file that is none of its own. */
function checkFile(dir: string, path: string): void {
  const isNew = !existsSync(path) || !existsSync(`${path}-lock`);
  if (isNew && freeBytes(dir) < newFileNeeds) throw new StoreFullError(`no room left in ${dir} for a new store`);
  if (!existsSync(path)) return;
  const head = Buffer.alloc(28);
  const file = openSync(path, 'r');
  try {
    const size = readSync(file, head);
    // LMDB's MDB_MAGIC, in the first field behind the 24 bytes of the head of page 0.
    if (fstatSync(file).size > 0 && (size < head.length || head.readUInt32LE(24) !== 0xbeefc0de)) {
      throw new Error(`${path} is not a store: move it away, or use another data directory`);
    }
  } finally {
    closeSync(file);
  }
}

function checkFormat(dir: string, db: Database): void {
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

export function freeBytes(dir: string): number {
  const { bavail, bsize } = statfsSync(dir);
  return bavail * bsize;
}
