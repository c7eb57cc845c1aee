/** The LMDB database of a file, and what it keeps besides the records of record.ts: keys `m:…`, which sort before them. */
import { statfsSync } from 'node:fs';
import type { RootDatabase } from 'lmdb';

export interface Database extends RootDatabase<Buffer, Buffer> {
  put(key: Buffer, value: Buffer): Promise<boolean>;
  /**
   * For a key that sorts behind all that are there: pages fill up before a new one is begun, which makes the file a third
   * smaller. Any other key is left out.
   */
  put(key: Buffer, value: Buffer, options: { append: true }): Promise<boolean>;
}

/** Counts the layouts of the file. */
export const format = 2;
export const formatKey = Buffer.from('m:format');
export const ownerKey = Buffer.from('m:owner');

/** Address space, not disk. A file that outgrows it is mapped anew. */
const mapSize = 8 * 1024 ** 3;

export async function openDatabase(path: string): Promise<Database> {
  const { open } = await import('lmdb');
  return open<Buffer, Buffer>({
    path,
    encoding: 'binary',
    keyEncoding: 'binary',
    mapSize,
    overlappingSync: false,
    eventTurnBatching: false, // the engine makes the batches
  }) as Database;
}

export function formatValue(): Buffer {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(format);
  return value;
}

export function freeBytes(dir: string): number {
  const { bavail, bsize } = statfsSync(dir);
  return bavail * bsize;
}
