/** Opens the LMDB file of a data directory, for this process alone. */
import { existsSync, statSync } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreDamagedError, StoreFullError } from '../store.ts';
import { type Database, format, formatKey, formatValue, freeBytes, openDatabase, ownerKey } from './database.ts';
import { migrate } from './migrate.ts';
import { claim, holdHere, releaseHere } from './owner.ts';
import { inspectFile } from './pages.ts';

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
  let db = await openDatabase(path);
  try {
    if (takeOver(dir, db) < format) {
      await migrate(dir, path, db);
      db = await openDatabase(path);
      takeOver(dir, db);
    }
  } catch (error) {
    await db.close();
    throw error;
  }
  return { dir, path, db };
}

/** What LMDB would not survive: no room for a new file, a file that is none of its own, and one with damaged pages. */
function checkFile(dir: string, path: string): void {
  const isNew = !existsSync(path) || !existsSync(`${path}-lock`);
  if (isNew && freeBytes(dir) < newFileNeeds) throw new StoreFullError(`no room left in ${dir} for a new store`);
  if (!existsSync(path) || statSync(path).size === 0) return;
  const finding = inspectFile(path);
  if (finding.state === 'foreign') {
    throw new Error(`${path} is not a store: move it away, or use another data directory`);
  }
  if (finding.state === 'damaged') throw new StoreDamagedError(path, finding.what);
}

/** Makes this process the owner, in one step with looking whether that may be. Returns the format of the file. */
function takeOver(dir: string, db: Database): number {
  let found = format;
  db.transactionSync(() => {
    found = formatOf(dir, db);
    db.putSync(ownerKey, claim(dir, db.getBinary(ownerKey)));
  });
  return found;
}

function formatOf(dir: string, db: Database): number {
  const found = db.getBinary(formatKey)?.readUInt32BE(0);
  if (found === undefined) {
    db.putSync(formatKey, formatValue());
    return format;
  }
  if (found > format) {
    throw new Error(
      `data directory ${dir} was written by a newer kubecfg (store format ${found}, this one knows ${format}): ` +
        'use that version, or another data directory',
    );
  }
  return found;
}
