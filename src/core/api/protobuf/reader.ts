/** Protocol buffers, read: varints, lengths and tags. Whatever the bytes are, it ends or throws Malformed. */

/** The bytes are no protobuf, or not of the message they were taken for. */
export class Malformed extends Error {}

/** How the value behind a tag is written: varint, eight bytes, length and content, four bytes. Groups (3, 4) are extinct. */
export type WireType = 0 | 1 | 2 | 5;

/** An empty message of two bytes becomes an object of a hundred: a body within its limit must not fill the memory. */
const fieldsMax = 250_000;

export class Reader {
  readonly #bytes: Buffer;
  #at = 0;
  #end: number;
  #fields = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#end = bytes.length;
  }

  /** Nothing is left of the message that was entered last. */
  get done(): boolean {
    return this.#at >= this.#end;
  }

  tag(): { number: number; wire: WireType } {
    this.count();
    const tag = this.varint();
    const wire = tag & 7;
    const number = Math.floor(tag / 8);
    if (number < 1 || number > 0x1fffffff) throw new Malformed(`field number ${number}`);
    if (wire !== 0 && wire !== 1 && wire !== 2 && wire !== 5) throw new Malformed(`wire type ${wire}`);
    return { number, wire };
  }

  /** One more value. */
  count(): void {
    if (++this.#fields > fieldsMax) throw new Malformed(`more than ${fieldsMax} fields`);
  }

  /** A signed number of 64 bits; beyond 2^53 it is only near it. */
  varint(): number {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte();
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) return high * 2 ** 32 + (low >>> 0);
    }
    throw new Malformed('a number of more than 64 bits');
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#take(8));
  }

  /** The content behind a length; it is a part of the bytes that are read. */
  bytes(): Buffer {
    const length = this.#length();
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  string(): string {
    return this.bytes().toString('utf8');
  }

  /** Reads the message behind a length: `read` is called until it is done. */
  message(read: () => void): void {
    const length = this.#length();
    const outer = this.#end;
    this.#end = this.#at + length;
    while (!this.done) read();
    this.#end = outer;
  }

  skip(wire: WireType): void {
    if (wire === 0) this.varint();
    else this.#take(wire === 1 ? 8 : wire === 5 ? 4 : this.#length());
  }

  #byte(): number {
    return this.#bytes[this.#take(1)]!;
  }

  #length(): number {
    const length = this.varint();
    if (length < 0 || length > this.#end - this.#at) throw new Malformed('it ends too early');
    return length;
  }

  /** The place of the next `count` bytes, which are then behind us. */
  #take(count: number): number {
    const at = this.#at;
    if (count > this.#end - at) throw new Malformed('it ends too early');
    this.#at = at + count;
    return at;
  }
}
