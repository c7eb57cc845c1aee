/**
 * The order of members after decoding is that of the schema; what defaulting and admission add comes last. This puts
 * it in its place, so that equal objects are equal bytes: what is stored, compared and sent.
 */
import type { AnySchema, StructSchema } from './schema.ts';

/** `object` with the members of every struct in schema order. Structs that are in order already are not copied. */
export function inSchemaOrder<T extends object>(schema: StructSchema, object: T): T {
  return orderStruct(schema, object as Members) as T;
}

type Members = Record<string, unknown>;

function order(schema: AnySchema, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (schema.type === 'struct') return orderStruct(schema, value as Members);
  if (schema.type !== 'list' || (schema.items.type !== 'struct' && schema.items.type !== 'list')) return value;
  const list = value as unknown[];
  let out = list;
  for (let i = 0; i < list.length; i++) {
    const item = order(schema.items, list[i]);
    if (item === list[i]) continue;
    if (out === list) out = [...list];
    out[i] = item;
  }
  return out;
}

function orderStruct(schema: StructSchema, value: Members): Members {
  const places = placesOf(schema);
  let last = -1;
  let inOrder = true;
  for (const name in value) {
    const place = places.get(name) ?? -1;
    if (place < last) inOrder = false;
    last = place;
  }
  let out = value;
  if (!inOrder) {
    out = {};
    for (const name of places.keys()) if (value[name] !== undefined) out[name] = value[name];
  }
  for (const name in value) {
    const member = value[name];
    if (typeof member !== 'object' || member === null) continue;
    const ordered = order(schema.fields[name]!.schema, member);
    if (ordered === member) continue;
    if (out === value) out = { ...value };
    out[name] = ordered;
  }
  return out;
}

const placesBySchema = new WeakMap<StructSchema, Map<string, number>>();

function placesOf(schema: StructSchema): Map<string, number> {
  let places = placesBySchema.get(schema);
  if (!places) {
    places = new Map(Object.keys(schema.fields).map((name, i) => [name, i]));
    placesBySchema.set(schema, places);
  }
  return places;
}
