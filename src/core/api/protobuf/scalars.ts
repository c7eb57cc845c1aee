/** How each scalar of the schema language is written in protobuf; the odd ones are messages of their own. */
import { canonicalQuantity } from '../quantity.ts';
import type { AnySchema, ScalarSchema } from '../schema.ts';
import { Malformed, type Reader, type WireType } from './reader.ts';
import type { Writer } from './writer.ts';

/** Writes and reads the value that stands behind a tag. */
export interface Codec {
  readonly wire: WireType;
  write(value: unknown, writer: Writer): void;
  /** `before` is what an earlier part of the same message held: parts of a message add up. */
  read(reader: Reader, before: unknown): unknown;
}

export function scalarCodec(schema: ScalarSchema): Codec {
  switch (schema.type) {
    case 'string':
      return stringCodecs[schema.format ?? ''] ?? text;
    case 'integer':
      return schema.format === 'int32' ? int32 : int64;
    case 'number':
      return double;
    case 'boolean':
      return bool;
    case 'int-or-string':
      return intOrString;
    case 'any':
      return raw;
  }
}

/** What the original has in a field that was never set, and JSON leaves out. */
export function isZero(schema: AnySchema, value: unknown): boolean {
  if (value === 0 || value === false || value === null || value === undefined) return true;
  return value === '' && schema.type === 'string';
}

const text: Codec = {
  wire: 2,
  write: (value, writer) => writer.delimited(() => writer.string(value as string)),
  read: (reader) => reader.string(),
};
const bytes: Codec = {
  wire: 2,
  write: (value, writer) => writer.delimited(() => writer.bytes(Buffer.from(value as string, 'base64'))),
  read: (reader) => reader.bytes().toString('base64'),
};
const int64: Codec = {
  wire: 0,
  write: (value, writer) => writer.varint(value as number),
  read: (reader) => reader.varint(),
};
const int32: Codec = { ...int64, read: (reader) => reader.varint() | 0 };
const bool: Codec = {
  wire: 0,
  write: (value, writer) => writer.varint(value ? 1 : 0),
  read: (reader) => reader.varint() !== 0,
};
const double: Codec = {
  wire: 1,
  write: (value, writer) => writer.double(value as number),
  read: (reader) => reader.double(),
};

/** A message with one field. */
function wrapped(inner: Codec, empty: unknown): Codec {
  return {
    wire: 2,
    write: (value, writer) =>
      writer.delimited(() => {
        inner.write(value, writer);
        writer.tag(1, inner.wire);
      }),
    read: (reader) => readNumbered(reader, { 1: inner })[1] ?? empty,
  };
}

/** resource.Quantity: its text. Go may write a number in another way than we store it. */
const quantityText: Codec = {
  ...text,
  read(reader) {
    const found = reader.string();
    return canonicalQuantity(found || '0') ?? found;
  },
};

/** runtime.RawExtension and FieldsV1: JSON as it is. */
const json: Codec = {
  wire: 2,
  write: (value, writer) => writer.delimited(() => writer.string(JSON.stringify(value))),
  read(reader) {
    try {
      return JSON.parse(reader.string());
    } catch {
      throw new Malformed('raw content that is not JSON');
    }
  },
};
const raw = wrapped(json, null);

/** meta/v1 Time and MicroTime: seconds and nanoseconds since 1970; no fields at all are no time. */
function time(digits: 0 | 6): Codec {
  return {
    wire: 2,
    write(value, writer) {
      const stamp = value as string;
      const fraction = /\.(\d+)/.exec(stamp)?.[1] ?? '';
      writer.delimited(() => {
        writer.varint(Number(fraction.padEnd(9, '0')));
        writer.tag(2, 0);
        writer.varint(Math.floor(Date.parse(stamp) / 1000));
        writer.tag(1, 0);
      });
    },
    read(reader) {
      const { 1: seconds, 2: nanos = 0 } = readNumbered(reader, { 1: int64, 2: int32 });
      if (seconds === undefined) return null;
      const date = new Date((seconds as number) * 1000);
      if (Number.isNaN(date.getTime())) throw new Malformed('a time that is none');
      const whole = date.toISOString().slice(0, -'.000Z'.length);
      if (digits === 0) return `${whole}Z`;
      return `${whole}.${String(nanos).padStart(9, '0').slice(0, digits)}Z`;
    },
  };
}

/** intstr.IntOrString: which of the two, the number, the text. */
const intOrString: Codec = {
  wire: 2,
  write(value, writer) {
    const isText = typeof value === 'string';
    writer.delimited(() => {
      writer.stringField(3, isText ? value : '');
      writer.varint(isText ? 0 : (value as number));
      writer.tag(2, 0);
      writer.varint(isText ? 1 : 0);
      writer.tag(1, 0);
    });
  },
  read(reader) {
    const { 1: which, 2: number = 0, 3: word = '' } = readNumbered(reader, { 1: int32, 2: int32, 3: text });
    return which === 1 ? word : number;
  },
};

const stringCodecs: Record<string, Codec> = {
  byte: bytes,
  'date-time': time(0),
  'micro-time': time(6),
  quantity: wrapped(quantityText, '0'),
};

/** The scalars of a small message by their field numbers. */
function readNumbered(reader: Reader, codecs: Readonly<Record<number, Codec>>): Record<number, unknown> {
  const found: Record<number, unknown> = {};
  reader.message(() => {
    const { number, wire } = reader.tag();
    const codec = codecs[number];
    if (codec?.wire === wire) found[number] = codec.read(reader, undefined);
    else reader.skip(wire);
  });
  return found;
}
