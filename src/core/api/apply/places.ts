/** How server-side apply looks at values: which are one field, and which are made of fields that have owners of their own. */
import { isObject } from '../decode-errors.ts';
import type { AnySchema, ListSchema, Marks } from '../schema.ts';

/** What the schema says about one place of an object. */
export interface Place {
  readonly schema: AnySchema;
  readonly marks: Marks;
}

/** `leaf`: one owner for the whole value. */
export type Shape = 'leaf' | 'struct' | 'map' | 'set' | 'keyed';

export function shapeOf({ schema, marks }: Place): Shape {
  switch (schema.type) {
    case 'struct':
      return (marks.structType ?? (schema.atomic ? 'atomic' : 'granular')) === 'atomic' ? 'leaf' : 'struct';
    case 'map':
      return marks.mapType === 'atomic' ? 'leaf' : 'map';
    case 'list':
      return marks.listType === 'map' ? 'keyed' : marks.listType === 'set' ? 'set' : 'leaf';
  }
  return 'leaf';
}

export interface Child {
  readonly place: Place;
  readonly value: unknown;
}

const noMarks: Marks = {};
export const rootOf = (schema: AnySchema): Place => ({ schema, marks: noMarks });

/** The parts of a value by the names they have in a FieldSet. Of items with the same key the first has it, the others their place. */
export function childrenOf(place: Place, value: unknown): Map<string, Child> {
  const children = new Map<string, Child>();
  const { schema } = place;
  if (schema.type === 'list' && Array.isArray(value)) {
    const items = { schema: schema.items, marks: noMarks };
    for (const [i, item] of value.entries()) {
      const element = elementOf(place, item, i);
      children.set(children.has(element) ? `i:${i}` : element, { place: items, value: item });
    }
  } else if (isObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      const below = memberOf(schema, name);
      if (below && member !== undefined) children.set(`f:${name}`, { place: below, value: member });
    }
  }
  return children;
}

function memberOf(schema: AnySchema, name: string): Place | undefined {
  if (schema.type === 'map') return { schema: schema.values, marks: noMarks };
  return schema.type === 'struct' && Object.hasOwn(schema.fields, name) ? schema.fields[name] : undefined;
}

/** The name of an item of a list; by its place when it has none of its keys. */
export function elementOf(place: Place, item: unknown, index: number): string {
  if (shapeOf(place) === 'set') return `v:${JSON.stringify(item)}`;
  const keys: Record<string, unknown> = {};
  for (const key of keysOf(place)) {
    const value = isObject(item) ? (item[key] ?? defaultOf(place, key)) : undefined;
    if (value !== undefined) keys[key] = value;
  }
  return Object.keys(keys).length ? `k:${JSON.stringify(keys)}` : `i:${index}`;
}

export const keysOf = ({ marks }: Place): string[] => [...(marks.listMapKeys ?? [])].sort();

/** `protocol` of a port may be left out; it is a part of the port's key nevertheless. */
export function defaultOf({ schema }: Place, key: string): unknown {
  const { items } = schema as ListSchema;
  return items.type === 'struct' ? items.fields[key]?.marks.default : undefined;
}
