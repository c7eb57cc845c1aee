/** The items of a list as bytes. */
import { type Entry, itemLength, writeItem } from './entry.ts';

/** Bytes in pieces; the pieces may be made while they are read, and are then made again by the next reader. */
export interface Bytes {
  readonly length: number;
  readonly pieces: Iterable<Buffer>;
}

export const bytesOfOne = (buffer: Buffer): Bytes => ({ length: buffer.length, pieces: [buffer] });

/** Longer ones are made a piece at a time, so that a list of any length takes the memory of a piece. */
const joinedBytesMax = 16 * 1024 * 1024;
const pieceBytes = 1024 * 1024;

/** With commas between them. */
export function joinItems(entries: readonly Entry[]): Bytes {
  let length = Math.max(0, entries.length - 1);
  for (const entry of entries) length += itemLength(entry);
  if (length <= joinedBytesMax) return bytesOfOne(join(entries, 0, entries.length, length));
  return { length, pieces: { [Symbol.iterator]: () => inPieces(entries) } };
}

function* inPieces(entries: readonly Entry[]): Generator<Buffer> {
  let [start, length] = [0, 0];
  for (const [i, entry] of entries.entries()) {
    length += itemLength(entry) + (i > 0 ? 1 : 0);
    if (length < pieceBytes && i < entries.length - 1) continue;
    yield join(entries, start, i + 1, length);
    [start, length] = [i + 1, 0];
  }
}

/** The entries from `start` to `end`, each but the very first behind a comma. */
function join(entries: readonly Entry[], start: number, end: number, length: number): Buffer {
  const out = Buffer.allocUnsafeSlow(length);
  let at = 0;
  for (let i = start; i < end; i++) {
    if (i > 0) out[at++] = comma;
    at = writeItem(entries[i]!, out, at);
  }
  return out;
}
const comma = 0x2c;
