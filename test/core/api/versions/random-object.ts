/** Objects of a kind with every field that its schema has, or with some of them and random values. */
import type { AnySchema, StructSchema } from '../../../../src/core/api/schema.ts';

export type Json = Record<string, unknown>;

/** Numbers in [0, 1) from a seed (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function randomObject(schema: StructSchema, seed: number): Json {
  const next = numbers(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)]!;
  let count = 0;

  function value(of: AnySchema): unknown {
    switch (of.type) {
      case 'struct': {
        const fields = Object.entries(of.fields).filter(([, field]) => field.always || next() < 0.5);
        // Names are set and unique, as those of containers are: old versions file statuses under them.
        return Object.fromEntries(
          fields.map(([name, field]) => [name, name === 'name' ? `text-${count++}` : value(field.schema)]),
        );
      }
      case 'list':
        return Array.from({ length: Math.floor(next() * 3) }, () => value(of.items));
      case 'map':
        return Object.fromEntries(
          ['cpu', 'memory', 'pods'].filter(() => next() < 0.5).map((key) => [key, value(of.values)]),
        );
      case 'integer':
        return Math.floor(next() * 1000) - 100;
      case 'number':
        return next();
      case 'boolean':
        return next() < 0.5;
      case 'int-or-string':
        return next() < 0.5 ? 8080 : 'http';
      case 'any':
        return { any: [1] };
    }
    if (of.values) return pick(of.values);
    switch (of.format) {
      case 'quantity':
        return pick(['0', '100m', '1', '1500m', '3', '110', '1G', '64Mi', '1Gi', '12e6', '1n', '9E', '250u']);
      case 'date-time':
        return pick(['2026-11-25T10:00:00Z', '2015-05-11T21:43:34Z']);
      case 'micro-time':
        return '2026-11-25T10:00:00.123456Z';
      case 'byte':
        return pick(['', 'c2VzYW1l']);
    }
    return next() < 0.1 ? '' : `text-${count++}`;
  }
  const object = value(schema) as Json;
  const metadata = object['metadata'] as Json;
  if ('resourceVersion' in metadata) metadata['resourceVersion'] = String(1 + Math.floor(next() * 1e9));
  return object;
}

/** Every field is set, every list has one item. */
export function fullObject(schema: AnySchema): unknown {
  switch (schema.type) {
    case 'struct':
      return Object.fromEntries(Object.entries(schema.fields).map(([name, f]) => [name, fullObject(f.schema)]));
    case 'list':
      return [fullObject(schema.items)];
    case 'map':
      return { cpu: fullObject(schema.values) };
    case 'integer':
      return 7;
    case 'number':
      return 0.5;
    case 'boolean':
      return true;
    case 'int-or-string':
      return 8080;
    case 'any':
      return { any: 1 };
  }
  if (schema.values) return schema.values.at(-1) || schema.values[0];
  const byFormat: Record<string, string> = {
    quantity: '2',
    'date-time': '2026-11-25T10:00:00Z',
    'micro-time': '2026-11-25T10:00:00.000000Z',
    byte: 'c2VzYW1l',
  };
  return byFormat[schema.format ?? ''] ?? 'text';
}
