/** Brings the file of an older version to today's format: a new file beside it takes its place, and the old one is kept. */
import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { StoreFullError } from '../store.ts';
import { type Database, formatKey, formatValue, freeBytes, openDatabase, ownerKey } from './database.ts';
import { recordKey, recordsEnd, sealed } from './record.ts';
import { type FileState, stateKey, stateValue } from './state.ts';

/** Where format 1 had the compacted revision. */
const compactedKey = Buffer.from('m:compacted');
/** Records copied in one transaction. */
const atOnce = 10_000;

/**
 * Format 1, which knew no checksums, to format 2. A crash at any point leaves the old file in its place, or the new one, whole.
 * `db` is closed afterwards.
 */
export async function migrate(dir: string, path: string, db: Database): Promise<void> {
  const needed = statSync(path).size;
  if (freeBytes(dir) < needed)
    throw new StoreFullError(`no room left in ${dir} for a copy of ${path} (${needed} bytes)`);
  const newPath = `${path}.new`;
  removeDatabase(newPath);
  const target = await openDatabase(newPath);
  const state: FileState = {
    compactedRevision: db.getBinary(compactedKey)?.readDoubleBE(0) ?? 0,
    revision: 1,
    records: 0,
  };
  let batch: [Buffer, Buffer][] = [];
  const write = () => {
    target.transactionSync(() => {
      for (const [key, value] of batch) target.putSync(key, sealed(key, value), { append: true });
    });
    batch = [];
  };
  for (const { key, value } of db.getRange({ start: recordKey(0), end: recordsEnd })) {
    batch.push([key, value]);
    state.revision = key.readDoubleBE(1);
    state.records++;
    if (batch.length === atOnce) write();
  }
  write();
  target.transactionSync(() => {
    target.putSync(ownerKey, db.getBinary(ownerKey)!);
    target.putSync(stateKey, stateValue(state));
    target.putSync(formatKey, formatValue());
  });
  await target.close();
  await db.close();
  keep(path, join(dir, 'store.format-1'));
  renameSync(newPath, path);
  rmSync(`${newPath}-lock`, { force: true });
  syncDirectory(dir);
}

/** Under a name that is free, or that has this file already after a crash. */
function keep(path: string, name: string): void {
  const { ino } = statSync(path);
  let kept = `${name}.mdb`;
  for (let n = 1; existsSync(kept) && statSync(kept).ino !== ino; n++) kept = `${name}.${n}.mdb`;
  if (!existsSync(kept)) linkSync(path, kept);
}

function removeDatabase(path: string): void {
  for (const file of [path, `${path}-lock`]) rmSync(file, { force: true });
}

function syncDirectory(dir: string): void {
  const directory = openSync(dir, 'r');
  fsyncSync(directory);
  closeSync(directory);
}
