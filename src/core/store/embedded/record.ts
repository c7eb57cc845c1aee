/**
 * How one change lies on disk (format 2; format 1 was the same without checksums).
 *
 *   key     'r' · revision (8 bytes, so that records lie in order of revisions) · key (UTF-8)
 *   delete  0 · place in its transaction (4) · checksum (4)
 *   put     1 · place in its transaction (4) · create revision (8) · version (8) · expiry in ms or 0 (8) · value · checksum (4)
 *
 * Numbers are big-endian; the eight-byte ones are IEEE doubles, which hold every safe integer and sort like integers. The
 * checksum is the CRC-32 of the key and all that stands before it: a record in the wrong place is as wrong as a changed one.
 */
import { crc32 } from 'node:zlib';
import { keyOf, revisionOf } from '../commit.ts';
import type { KeyValue, StoreEvent } from '../store.ts';

const recordTag = 0x72;
const keyHead = 9;
const deleteSize = 5;
const putHead = 29;
const checksumSize = 4;

export function recordKey(revision: number, key = ''): Buffer {
  const out = Buffer.allocUnsafe(keyHead + Buffer.byteLength(key));
  writeKey(revision, key, out);
  return out;
}

function writeKey(revision: number, key: string, out: Buffer): void {
  out[0] = recordTag;
  out.writeDoubleBE(revision, 1);
  out.write(key, keyHead);
}

/** Sorts behind all records. */
export const recordsEnd = Buffer.from([recordTag + 1]);

/** A record as LMDB takes it. */
export interface Put {
  key: Buffer;
  value: Buffer;
}

/** Bytes of the key and the record of an event together. */
export function recordSize(event: StoreEvent): number {
  const body = event.type === 'put' ? putHead + event.kv.value.length : deleteSize;
  return keyHead + Buffer.byteLength(keyOf(event)) + body + checksumSize;
}

/** The record of an event, written to `out`, which has its size: one behind the other, so that one call sums up both. */
export function encodeRecord(event: StoreEvent, place: number, out: Buffer): Put {
  writeKey(revisionOf(event), keyOf(event), out);
  const end = out.length - checksumSize;
  const start = end - (event.type === 'put' ? putHead + event.kv.value.length : deleteSize);
  out[start] = event.type === 'put' ? 1 : 0;
  out.writeUInt32BE(place, start + 1);
  if (event.type === 'put') {
    const { value, createRevision, version, expiresAt = 0 } = event.kv;
    out.writeDoubleBE(createRevision, start + 5);
    out.writeDoubleBE(version, start + 13);
    out.writeDoubleBE(expiresAt, start + 21);
    value.copy(out, start + putHead);
  }
  out.writeUInt32BE(crc32(out.subarray(0, end)), end);
  return { key: out.subarray(0, start), value: out.subarray(start) };
}

/** What lies under `key`, with its checksum behind it. */
export function sealed(key: Buffer, value: Buffer): Buffer {
  const out = Buffer.allocUnsafe(value.length + checksumSize);
  value.copy(out);
  out.writeUInt32BE(crc32(value, crc32(key)), value.length);
  return out;
}

/** What was sealed, or undefined when it or its key is not as it was. */
export function unsealed(key: Buffer, value: Buffer): Buffer | undefined {
  const end = value.length - checksumSize;
  if (end < 0) return undefined;
  const body = value.subarray(0, end);
  return crc32(body, crc32(key)) === value.readUInt32BE(end) ? body : undefined;
}

/** An event and its place in its transaction. */
export interface Placed {
  event: StoreEvent;
  place: number;
}

/** Undefined when the record is damaged. `value` may be memory that lmdb uses again: what is kept is copied out. */
export function decodeRecord(recordKey: Buffer, value: Buffer): Placed | undefined {
  const record = unsealed(recordKey, value);
  if (!record) return undefined;
  const key = recordKey.toString('utf8', keyHead);
  const modRevision = recordKey.readDoubleBE(1);
  const place = record.readUInt32BE(1);
  if (record[0] === 0) return { place, event: { type: 'delete', key, modRevision } };

  const own = Buffer.allocUnsafe(record.length - putHead);
  record.copy(own, 0, putHead);
  const expiresAt = record.readDoubleBE(21);
  const kv: KeyValue = {
    key,
    value: own,
    createRevision: record.readDoubleBE(5),
    modRevision,
    version: record.readDoubleBE(13),
    ...(expiresAt > 0 && { expiresAt }),
  };
  return { place, event: { type: 'put', kv } };
}

/** Records lie in order of keys within a revision; the transaction's own order is told by their places. */
export function* inOrder(records: Iterable<Placed>): Generator<StoreEvent> {
  let group: Placed[] = [];
  const ordered = () => group.sort((a, b) => a.place - b.place).map(({ event }) => event);
  for (const record of records) {
    if (group[0] && revisionOf(group[0].event) !== revisionOf(record.event)) {
      yield* ordered();
      group = [];
    }
    group.push(record);
  }
  yield* ordered();
}
