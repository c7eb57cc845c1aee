/**
 * JSON becomes an object of a kind: checked field by field, copied, with members in the order of the schema, so that
 * JSON.stringify of the result is the canonical form that is stored and sent.
 *
 * What is always there, and what not: null is as good as absent. A field the original always writes (`req` in the
 * types) gets its zero value: '', 0, false, null for a time, and, other than the original's null, [] and {} for lists
 * and maps, so that no reader has to ask. Optional lists and maps are left out when empty; optional scalars stay as
 * they were sent, for 0 and absent may differ (spec.replicas).
 *
 * Each schema is compiled once, when it is first used, into a closure that walks its fields; the path is kept for the
 * error that may come.
 */
import { describeMismatch, describeValue, isObject, joinPath, Mismatch, typeOf } from './decode-errors.ts';
import type { Kind } from './kind.ts';
import { nearest } from './nearest.ts';
import type { KubeObject } from './object.ts';
import { scalarReader, scalarZero, setOwn } from './scalars.ts';
import type { AnySchema, StructSchema } from './schema.ts';
import { type ApiError, badRequest } from './status.ts';

/** What happens to fields the kind does not have (query parameter fieldValidation). */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/**
 * Throws BadRequest when `body` is not an object of this kind. The result shares nothing with `body`. `duplicates` are
 * fields its text had twice, which are as wrong as unknown ones.
 */
export function decodeObject<T extends KubeObject>(
  kind: Kind<T>,
  body: unknown,
  validation: FieldValidation,
  duplicates: readonly string[] = [],
): { object: T; warnings: string[] } {
  const typed = withType(kind, body);
  const walk: Walk = { path: [], depth: 0, unknown: [], reports: validation !== 'Ignore' };
  let object: T;
  try {
    object = structDecoder(kind.schema)(typed, walk) as T;
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    throw cannotHandle(kind, describeMismatch(kind.schema, walk.path.slice(0, walk.depth), error));
  }
  walk.unknown.push(...duplicates);
  if (walk.unknown.length && validation === 'Strict') {
    throw cannotHandle(kind, `strict decoding error: ${walk.unknown.join(', ')}`);
  }
  return { object, warnings: walk.unknown };
}

/** `body` with its kind and apiVersion, which may be left out but not be those of another kind. */
function withType<T extends KubeObject>(kind: Kind<T>, body: unknown): object {
  if (!isObject(body)) throw cannotHandle(kind, `the body must be a JSON object, not ${describeValue(body)}`);
  const { apiVersion, kind: name } = typeOf(body);
  if (apiVersion && apiVersion !== kind.apiVersion) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${kind.apiVersion})`,
    );
  }
  if (name && name !== kind.kind) {
    const [from, to] = [`${kind.version}.${name}`, `${kind.group || 'core'}.${kind.kind}`];
    throw badRequest(
      `${name} in version "${kind.version}" cannot be handled as a ${kind.kind}: converting (${from}) to (${to}): unknown conversion`,
    );
  }
  return { ...body, kind: kind.kind, apiVersion: kind.apiVersion };
}

const cannotHandle = (kind: { kind: string; version: string }, why: string): ApiError =>
  badRequest(`${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${why}`);

/** Where the walk is, and what it met. */
interface Walk {
  /** Members and list places from the root; only the first `depth` count. */
  readonly path: (string | number)[];
  depth: number;
  readonly unknown: string[];
  readonly reports: boolean;
}

type Decoder = (value: unknown, walk: Walk) => unknown;

function decoderOf(schema: AnySchema): Decoder {
  switch (schema.type) {
    case 'struct':
      return structDecoder(schema);
    case 'list':
      return listDecoder(schema, schema.items);
    case 'map':
      return mapDecoder(schema, schema.values);
  }
  const read = scalarReader(schema);
  return (value) => {
    const scalar = read(value);
    if (scalar === undefined) throw new Mismatch(schema, value);
    return scalar;
  };
}

const structDecoders = new WeakMap<StructSchema, Decoder>();

function structDecoder(schema: StructSchema): Decoder {
  let decoder = structDecoders.get(schema);
  if (!decoder) {
    decoder = compileStruct(schema);
    structDecoders.set(schema, decoder);
  }
  return decoder;
}

function compileStruct(schema: StructSchema): Decoder {
  const names = Object.keys(schema.fields);
  const fields = names.map((name) => {
    const { schema: type, always } = schema.fields[name]!;
    const dropsEmpty = !always && (type.type === 'list' || type.type === 'map');
    // Structs below are compiled when a value first needs them: most pods have none of the thirty volume sources.
    let decode: Decoder = (value, walk) => {
      decode = decoderOf(type);
      return decode(value, walk);
    };
    return { name, type, always, dropsEmpty, decode: (value: unknown, walk: Walk) => decode(value, walk) };
  });

  return (value, walk) => {
    if (!isObject(value)) throw new Mismatch(schema, value);
    const out: Record<string, unknown> = {};
    const depth = walk.depth++;
    let seen = 0;
    for (const { name, type, always, dropsEmpty, decode } of fields) {
      const member = value[name];
      if (member === undefined || member === null) {
        if (always) out[name] = zeroOf(type);
        if (member === null) seen++;
        continue;
      }
      seen++;
      walk.path[depth] = name;
      const decoded = decode(member, walk);
      if (!dropsEmpty || !isEmpty(decoded as object)) out[name] = decoded;
    }
    if (walk.reports) {
      const keys = Object.keys(value);
      if (keys.length !== seen) reportUnknown(schema, value, keys, walk);
    }
    walk.depth = depth;
    return out;
  };
}

function isEmpty(value: object): boolean {
  if (Array.isArray(value)) return value.length === 0;
  for (const _ in value) return false;
  return true;
}

function listDecoder(schema: AnySchema, items: AnySchema): Decoder {
  const decode = decoderOf(items);
  return (value, walk) => {
    if (!Array.isArray(value)) throw new Mismatch(schema, value);
    const depth = walk.depth++;
    const out: unknown[] = [];
    for (let i = 0; i < value.length; i++) {
      walk.path[depth] = i;
      out.push(value[i] === null || value[i] === undefined ? zeroOf(items) : decode(value[i], walk));
    }
    walk.depth = depth;
    return out;
  };
}

function mapDecoder(schema: AnySchema, values: AnySchema): Decoder {
  const decode = decoderOf(values);
  return (value, walk) => {
    if (!isObject(value)) throw new Mismatch(schema, value);
    const depth = walk.depth++;
    const out: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      if (value[key] === null || value[key] === undefined) continue;
      walk.path[depth] = key;
      setOwn(out, key, decode(value[key], walk));
    }
    walk.depth = depth;
    return out;
  };
}

/** The zero value of a type, made afresh. */
function zeroOf(schema: AnySchema): unknown {
  switch (schema.type) {
    case 'list':
      return [];
    case 'map':
      return {};
    case 'struct': {
      const out: Record<string, unknown> = {};
      for (const [name, field] of Object.entries(schema.fields)) {
        if (field.always) out[name] = zeroOf(field.schema);
      }
      return out;
    }
  }
  return scalarZero(schema);
}

/** A message has room for this many; a body of 3 MiB could hold far more. */
const unknownMax = 100;

function reportUnknown(schema: StructSchema, value: object, keys: readonly string[], walk: Walk): void {
  for (const key of keys) {
    if (Object.hasOwn(schema.fields, key) || (value as Record<string, unknown>)[key] === undefined) continue;
    if (walk.unknown.length >= unknownMax) return;
    const path = joinPath([...walk.path.slice(0, walk.depth - 1), key]);
    const meant = nearest(key, Object.keys(schema.fields));
    walk.unknown.push(`unknown field ${JSON.stringify(path)}${meant ? ` (did you mean "${meant}"?)` : ''}`);
  }
}
