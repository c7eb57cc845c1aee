/**
 * How one change lies on disk.
 *
 *   key     'r' · revision (8 bytes, so that records lie in order of revisions) · key (UTF-8)
 *   delete  0 · place in its transaction (4)
 *   put     1 · place in its transaction (4) · create revision (8) · version (8) · expiry in ms or 0 (8) · value
 *
 * Numbers are big-endian; the eight-byte ones are IEEE doubles, which hold every safe integer and sort like integers.
 */
import { revisionOf } from '../commit.ts';
import type { KeyValue, StoreEvent } from '../store.ts';

const recordTag = 0x72;
const keyHead = 9;
const deleteSize = 5;
const putHead = 29;

export function recordKey(revision: number, key = ''): Buffer {
  const out = Buffer.allocUnsafe(keyHead + Buffer.byteLength(key));
  out[0] = recordTag;
  out.writeDoubleBE(revision, 1);
  out.write(key, keyHead);
  return out;
}

export function revisionOfRecord(recordKey: Buffer): number {
  return recordKey.readDoubleBE(1);
}

/** Sorts behind all records. */
export const recordsEnd = Buffer.from([recordTag + 1]);

export function recordSize(event: StoreEvent): number {
  return event.type === 'put' ? putHead + event.kv.value.length : deleteSize;
}

/** Writes the record of an event to `out`, which has its size. */
export function encodeRecord(event: StoreEvent, place: number, out: Buffer): void {
  out[0] = event.type === 'put' ? 1 : 0;
  out.writeUInt32BE(place, 1);
  if (event.type === 'delete') return;
  const { value, createRevision, version, expiresAt = 0 } = event.kv;
  out.writeDoubleBE(createRevision, 5);
  out.writeDoubleBE(version, 13);
  out.writeDoubleBE(expiresAt, 21);
  value.copy(out, putHead);
}

/** An event and its place in its transaction. */
export interface Placed {
  event: StoreEvent;
  place: number;
}

/** `record` may be memory that lmdb uses again: the value is copied out. */
export function decodeRecord(recordKey: Buffer, record: Buffer): Placed {
  const key = recordKey.toString('utf8', keyHead);
  const modRevision = revisionOfRecord(recordKey);
  const place = record.readUInt32BE(1);
  if (record[0] === 0) return { place, event: { type: 'delete', key, modRevision } };

  const value = Buffer.allocUnsafe(record.length - putHead);
  record.copy(value, 0, putHead, record.length);
  const expiresAt = record.readDoubleBE(21);
  const kv: KeyValue = {
    key,
    value,
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
