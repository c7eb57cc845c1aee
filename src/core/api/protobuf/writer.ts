/**
 * Protocol buffers, written from the last byte to the first: the length that stands before a message is known once the
 * message is there, and nothing is measured beforehand or copied afterwards. So each value is written before its tag.
 */
import type { WireType } from './reader.ts';

const startBytes = 1024;

export class Writer {
  #buffer = Buffer.allocUnsafe(startBytes);
  #start = startBytes;

  get length(): number {
    return this.#buffer.length - this.#start;
  }

  finish(): Buffer {
    return this.#buffer.subarray(this.#start);
  }

  tag(number: number, wire: WireType): void {
    this.varint(number * 8 + wire);
  }

  varint(value: number): void {
    if (value < 0) this.#negative(value);
    else this.#positive(value);
  }

  double(value: number): void {
    this.#buffer.writeDoubleLE(value, this.#reserve(8));
  }

  bytes(bytes: Uint8Array | readonly number[]): void {
    const at = this.#reserve(bytes.length);
    this.#buffer.set(bytes, at);
  }

  string(text: string): void {
    const at = this.#reserve(Buffer.byteLength(text));
    this.#buffer.write(text, at, 'utf8');
  }

  /** What `write` writes, behind its length. */
  delimited(write: () => void): void {
    const before = this.length;
    write();
    this.varint(this.length - before);
  }

  stringField(number: number, text: string): void {
    this.delimited(() => this.string(text));
    this.tag(number, 2);
  }

  messageField(number: number, write: () => void): void {
    this.delimited(write);
    this.tag(number, 2);
  }

  #positive(value: number): void {
    let length = 1;
    for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) length++;
    const at = this.#reserve(length);
    for (let i = 0, rest = value; i < length; i++, rest = Math.floor(rest / 128)) {
      this.#buffer[at + i] = i < length - 1 ? (rest % 128) | 0x80 : rest;
    }
  }

  /** Ten bytes: 64 bits of two's complement, seven at a time. */
  #negative(value: number): void {
    const at = this.#reserve(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    for (let i = 0; i < 10; i++, rest >>= 7n) this.#buffer[at + i] = Number(rest & 0x7fn) | (i < 9 ? 0x80 : 0);
  }

  #reserve(count: number): number {
    if (count > this.#start) this.#grow(count);
    this.#start -= count;
    return this.#start;
  }

  #grow(count: number): void {
    const { length } = this;
    const buffer = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, length + count));
    this.#buffer.copy(buffer, buffer.length - length, this.#start);
    this.#start = buffer.length - length;
    this.#buffer = buffer;
  }
}
