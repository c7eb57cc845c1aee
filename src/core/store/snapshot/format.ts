/**
 * A snapshot: every key of a store at one revision, in one file.
 *
 *   head    one line of JSON (SnapshotHead)
 *   record  length of the key (4) · of the value (4) · create and mod revision, version, expiry in ms or 0 (8 each) ·
 *           key (UTF-8) · value
 *   end     ffffffff · SHA-256 of everything before it
 *
 * Numbers are big-endian; the eight-byte ones are IEEE doubles, which hold every safe integer. The end is what tells a
 * whole file from one that was cut short.
 */
import { createHash } from 'node:crypto';
import type { KeyValue } from '../store.ts';

/** Counts the layouts; a file with a higher one is refused. */
export const snapshotFormat = 1;
export const snapshotType = 'application/vnd.kubecfg.snapshot';

export interface SnapshotHead {
  readonly snapshot: 'kubecfg';
  readonly format: number;
  /** What the file shows is the state at this revision. */
  readonly revision: number;
  readonly keys: number;
  /** RFC 3339. */
  readonly createdAt: string;
  /** The release that wrote it. */
  readonly version: string;
  /** The record of the cluster, for whoever restores it where there is none. */
  readonly cluster?: object | undefined;
}

/** A file that is no snapshot, or not a whole and sound one. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
}

export const recordHead = 40;
export const endMark = 0xffffffff;
export const digestSize = 32;
/** Written in pieces of about this size. */
const pieceBytes = 256 * 1024;

/** The bytes of a snapshot. `kvs` are all keys of `head.revision`, in order. */
export function* snapshotBytes(
  head: Omit<SnapshotHead, 'snapshot' | 'format' | 'keys'>,
  kvs: readonly KeyValue[],
): Generator<Buffer> {
  const whole: SnapshotHead = { snapshot: 'kubecfg', format: snapshotFormat, keys: kvs.length, ...head };
  const hash = createHash('sha256');
  let parts: Buffer[] = [Buffer.from(`${JSON.stringify(whole)}\n`)];
  let size = 0;
  const piece = () => {
    const bytes = Buffer.concat(parts);
    hash.update(bytes);
    [parts, size] = [[], 0];
    return bytes;
  };
  for (const kv of kvs) {
    parts.push(headOf(kv), kv.value);
    size += kv.value.length;
    if (size > pieceBytes) yield piece();
  }
  yield piece();
  const end = Buffer.alloc(4);
  end.writeUInt32BE(endMark);
  yield Buffer.concat([end, hash.update(end).digest()]);
}

/** All of a record but its value. */
function headOf({ key, value, createRevision, modRevision, version, expiresAt = 0 }: KeyValue): Buffer {
  const keyBytes = Buffer.byteLength(key);
  const out = Buffer.allocUnsafe(recordHead + keyBytes);
  out.writeUInt32BE(keyBytes);
  out.writeUInt32BE(value.length, 4);
  for (const [i, number] of [createRevision, modRevision, version, expiresAt].entries()) {
    out.writeDoubleBE(number, 8 + 8 * i);
  }
  out.write(key, recordHead);
  return out;
}
