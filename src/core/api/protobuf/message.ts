/**
 * Structs of the schema language as protobuf messages, by the field numbers of the types. A plan is made of each struct
 * when it is first used. Kubernetes' rules for what is there and what is not:
 * - The original writes scalars that were never set as zero, unless it has a pointer to them. So a zero that comes in
 *   says nothing, except for pointers, and a zero of ours need not go out.
 * - What it embeds without a name in JSON is a message of its own; its fields belong to the outer object.
 * - kind and apiVersion of an object stand in the envelope (./envelope.ts), not in the message.
 */
import { setOwn } from '../scalars.ts';
import type { AnySchema, Field, MapSchema, StructSchema } from '../schema.ts';
import { TypeMeta } from '../types/meta.ts';
import { Malformed, type Reader, type WireType } from './reader.ts';
import { type Codec, isZero, scalarCodec } from './scalars.ts';
import type { Writer } from './writer.ts';

type Members = Record<string, unknown>;

/** The fields of `object`, without a length before them. */
export function writeMessage(schema: StructSchema, object: object, writer: Writer): void {
  planOf(schema).write(object as Members, writer);
}

/** Reads fields into `object` until the message is done; unknown ones are left out. */
export function readMessage(schema: StructSchema, reader: Reader, object: object): void {
  const plan = planOf(schema);
  while (!reader.done) plan.readField(reader, object as Members);
}

/** One field of a message. */
interface Part {
  readonly number: number;
  write(object: Members, writer: Writer): void;
  read(object: Members, reader: Reader, wire: WireType): void;
}

class Plan {
  readonly #byNumber: ReadonlyMap<number, Part>;
  /** The last field is written first (see ./writer.ts). */
  readonly #backwards: readonly Part[];

  constructor(parts: readonly Part[]) {
    this.#byNumber = new Map(parts.map((part) => [part.number, part]));
    this.#backwards = [...parts].sort((a, b) => b.number - a.number);
  }

  write(object: Members, writer: Writer): void {
    for (const part of this.#backwards) part.write(object, writer);
  }

  readField(reader: Reader, object: Members): void {
    const { number, wire } = reader.tag();
    const part = this.#byNumber.get(number);
    if (part) part.read(object, reader, wire);
    else reader.skip(wire);
  }
}

const plans = new WeakMap<StructSchema, Plan>();

function planOf(schema: StructSchema): Plan {
  let plan = plans.get(schema);
  if (!plan) {
    plan = makePlan(schema);
    plans.set(schema, plan);
  }
  return plan;
}

const typeFields = new Set<Field>(Object.values(TypeMeta.fields));

function makePlan(schema: StructSchema): Plan {
  const parts: Part[] = [];
  const embedded = new Map<number, Part[]>();
  for (const [name, field] of Object.entries(schema.fields)) {
    if (typeFields.has(field)) continue;
    const part = partOf(name, field);
    if (!field.inlined) parts.push(part);
    else embedded.set(field.inlined.number, [...(embedded.get(field.inlined.number) ?? []), part]);
  }
  for (const [number, inner] of embedded) parts.push(embeddedPart(number, new Plan(inner)));
  return new Plan(parts);
}

function partOf(name: string, field: Field): Part {
  switch (field.schema.type) {
    case 'list':
      return listPart(name, field.number, field.schema.items);
    case 'map':
      return mapPart(name, field.number, field.schema);
  }
  return singlePart(name, field, codecOf(field.schema));
}

function singlePart(name: string, { number, pointer, schema }: Field, codec: Codec): Part {
  return {
    number,
    write(object, writer) {
      const value = object[name];
      if (value === undefined || value === null || (!pointer && isZero(schema, value))) return;
      codec.write(value, writer);
      writer.tag(number, codec.wire);
    },
    read(object, reader, wire) {
      expectWire(name, wire, codec.wire);
      const value = codec.read(reader, object[name]);
      if (pointer || !isZero(schema, value)) object[name] = value;
      else delete object[name];
    },
  };
}

function embeddedPart(number: number, plan: Plan): Part {
  return {
    number,
    write: (object, writer) => writer.messageField(number, () => plan.write(object, writer)),
    read(object, reader, wire) {
      expectWire(`field ${number}`, wire, 2);
      reader.message(() => plan.readField(reader, object));
    },
  };
}

function listPart(name: string, number: number, items: AnySchema): Part {
  const codec = codecOf(items);
  return {
    number,
    write(object, writer) {
      const list = (object[name] as unknown[] | undefined) ?? [];
      for (let i = list.length - 1; i >= 0; i--) {
        codec.write(list[i], writer);
        writer.tag(number, codec.wire);
      }
    },
    read(object, reader, wire) {
      object[name] ??= [];
      const list = object[name] as unknown[];
      const one = () => {
        reader.count();
        list.push(codec.read(reader, undefined));
      };
      // Numbers may stand packed behind one tag.
      if (wire === 2 && codec.wire !== 2) {
        reader.message(one);
        return;
      }
      expectWire(name, wire, codec.wire);
      one();
    },
  };
}

/** A list of entries: key, value. */
function mapPart(name: string, number: number, { values }: MapSchema): Part {
  const codec = codecOf(values);
  return {
    number,
    write(object, writer) {
      const map = (object[name] as Members | undefined) ?? {};
      for (const key of Object.keys(map).sort().reverse()) {
        writer.messageField(number, () => {
          codec.write(map[key], writer);
          writer.tag(2, codec.wire);
          writer.stringField(1, key);
        });
      }
    },
    read(object, reader, wire) {
      expectWire(name, wire, 2);
      let key = '';
      let value: unknown;
      reader.message(() => {
        const { number: part, wire: kind } = reader.tag();
        if (part === 1 && kind === 2) key = reader.string();
        else if (part === 2 && kind === codec.wire) value = codec.read(reader, value);
        else reader.skip(kind);
      });
      object[name] ??= {};
      setOwn(object[name] as Members, key, value ?? emptyValue(values));
    },
  };
}

/** The value of a map's entry that holds its key only. */
function emptyValue(schema: AnySchema): unknown {
  if (schema.type === 'struct') return {};
  if (schema.type === 'string') return schema.format === 'quantity' ? '0' : '';
  return schema.type === 'boolean' ? false : 0;
}

function codecOf(schema: AnySchema): Codec {
  if (schema.type === 'list' || schema.type === 'map') throw new Error('protobuf has no lists of lists or of maps');
  return schema.type === 'struct' ? structCodec(schema) : scalarCodec(schema);
}

/** The plan is made when a value first needs it: most pods have none of the thirty volume sources. */
function structCodec(schema: StructSchema): Codec {
  return {
    wire: 2,
    write: (value, writer) => writer.delimited(() => planOf(schema).write(value as Members, writer)),
    read(reader, before) {
      const object = (before ?? {}) as Members;
      reader.message(() => planOf(schema).readField(reader, object));
      return object;
    },
  };
}

function expectWire(name: string, found: WireType, expected: WireType): void {
  if (found !== expected) throw new Malformed(`${name} has wire type ${found}, not ${expected}`);
}
