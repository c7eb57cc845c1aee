/** Reading snapshots: from start to end, checked all the way. Nothing of a file counts before its checksum was right. */
import { createHash } from 'node:crypto';
import type { KeyValue } from '../store.ts';
import { digestSize, endMark, recordHead, SnapshotError, type SnapshotHead, snapshotFormat } from './format.ts';

const headBytesMax = 1024 * 1024;
/** More than any store takes: a length beyond is damage, and not worth the memory. */
const keyBytesMax = 64 * 1024;
const valueBytesMax = 256 * 1024 ** 2;

export interface Snapshot {
  readonly head: SnapshotHead;
  readonly kvs: readonly KeyValue[];
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

/** Throws SnapshotError when these bytes are not one whole snapshot. */
export async function readSnapshot(source: AsyncIterable<Uint8Array>): Promise<Snapshot> {
  const bytes = new Bytes(source);
  const head = parseHead(await bytes.line(headBytesMax));
  const kvs: KeyValue[] = [];
  for (;;) {
    const keyLength = (await bytes.take(4)).readUInt32BE();
    if (keyLength === endMark) {
      const sha256 = await checkEnd(bytes, head.keys === kvs.length);
      return { head, kvs, bytes: bytes.taken, sha256 };
    }
    const kv = await readRecord(bytes, keyLength);
    const before = kvs.at(-1);
    if (before && Buffer.compare(Buffer.from(before.key), Buffer.from(kv.key)) >= 0) throw damaged();
    kvs.push(kv);
  }
}

function parseHead(line: Buffer | undefined): SnapshotHead {
  let head: Partial<SnapshotHead> | undefined;
  try {
    head = line && JSON.parse(line.toString());
  } catch {
    // Not ours: said below.
  }
  if (head?.snapshot !== 'kubecfg' || !Number.isSafeInteger(head.format)) {
    throw new SnapshotError('it is no snapshot of kubecfg');
  }
  if (head.format! > snapshotFormat) {
    throw new SnapshotError(
      `it was written by a newer kubecfg (${head.version}, snapshot format ${head.format}; this one knows ${snapshotFormat})`,
    );
  }
  if (!Number.isSafeInteger(head.revision) || !Number.isSafeInteger(head.keys)) throw damaged();
  return head as SnapshotHead;
}

async function readRecord(bytes: Bytes, keyLength: number): Promise<KeyValue> {
  const rest = await bytes.take(recordHead - 4);
  const valueLength = rest.readUInt32BE();
  if (keyLength === 0 || keyLength > keyBytesMax || valueLength > valueBytesMax) throw damaged();
  const expiresAt = rest.readDoubleBE(28);
  return {
    key: (await bytes.take(keyLength)).toString(),
    value: await bytes.take(valueLength),
    createRevision: rest.readDoubleBE(4),
    modRevision: rest.readDoubleBE(12),
    version: rest.readDoubleBE(20),
    ...(expiresAt > 0 && { expiresAt }),
  };
}

async function checkEnd(bytes: Bytes, complete: boolean): Promise<string> {
  const digest = bytes.digest();
  const recorded = await bytes.take(digestSize);
  if (!recorded.equals(digest) || !complete || !(await bytes.atEnd())) throw damaged();
  return digest.toString('hex');
}

const damaged = () => new SnapshotError('it is damaged: its content does not match its checksum');
const cutShort = () => new SnapshotError('it was cut short: its end is missing');

/** Takes pieces of wanted sizes out of a stream, and hashes what was taken. */
class Bytes {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #hash = createHash('sha256');
  #left: Buffer = Buffer.alloc(0);
  taken = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Of everything taken so far. */
  digest(): Buffer {
    return this.#hash.copy().digest();
  }

  async take(size: number): Promise<Buffer> {
    if (this.#left.length < size) await this.#fill(size);
    if (this.#left.length < size) throw cutShort();
    return this.#cut(size);
  }

  /** With its end; undefined when it is longer than `max`, or the stream ends before. */
  async line(max: number): Promise<Buffer | undefined> {
    for (let looked = 0; looked <= max; ) {
      const end = this.#left.indexOf(10, looked);
      if (end >= 0) return this.#cut(end + 1);
      looked = this.#left.length;
      if (!(await this.#fill(looked + 1))) return undefined;
    }
    return undefined;
  }

  async atEnd(): Promise<boolean> {
    return this.#left.length === 0 && !(await this.#fill(1));
  }

  #cut(size: number): Buffer {
    const piece = this.#left.subarray(0, size);
    this.#left = this.#left.subarray(size);
    this.#hash.update(piece);
    this.taken += size;
    return piece;
  }

  /** Whether anything more came. */
  async #fill(size: number): Promise<boolean> {
    const parts: Uint8Array[] = [this.#left];
    let length = this.#left.length;
    while (length < size) {
      const { done, value } = await this.#source.next();
      if (done) break;
      parts.push(value);
      length += value.length;
    }
    if (parts.length === 1) return false;
    this.#left = Buffer.concat(parts);
    return true;
  }
}
