/** Scalars on the wire: each function gives the canonical value, or undefined when the input is something else. */
import { canonicalQuantity } from './quantity.ts';
import type { ScalarSchema } from './schema.ts';

export type Scalar = (value: unknown) => unknown;

/** The reader of a scalar type. */
export function scalarReader(schema: ScalarSchema): Scalar {
  switch (schema.type) {
    case 'string':
      return stringReaders[schema.format ?? ''] ?? text;
    case 'integer':
      return schema.format === 'int32' ? int32 : int64;
    case 'number':
      return (v) => (typeof v === 'number' && Number.isFinite(v) ? v : undefined);
    case 'boolean':
      return (v) => (typeof v === 'boolean' ? v : undefined);
    case 'int-or-string':
      return (v) => (typeof v === 'string' ? v : int32(v));
    case 'any':
      return any;
  }
}

/** What an always written field holds when it was left out (the zero value of the Go type; times are then null). */
export function scalarZero(schema: ScalarSchema): unknown {
  if (schema.format === 'quantity') return '0';
  if (schema.format === 'date-time' || schema.format === 'micro-time') return null;
  return { string: '', integer: 0, number: 0, boolean: false, 'int-or-string': 0, any: null }[schema.type];
}

/** The sentence after "must be". */
export function scalarExpectation(schema: ScalarSchema): string {
  const byFormat: Record<string, string> = {
    int32: 'a whole number between -2147483648 and 2147483647',
    int64: 'a whole number',
    'date-time': 'a time such as "2026-11-25T10:00:00Z"',
    'micro-time': 'a time such as "2026-11-25T10:00:00.000000Z"',
    byte: 'base64 text',
    quantity:
      "a quantity such as 500m, 2 or 1Gi: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    'int-or-string': 'a whole number or a string',
  };
  const byType = { string: 'a string', integer: 'a whole number', number: 'a number', boolean: 'true or false' };
  return (
    byFormat[schema.format ?? ''] ?? byType[schema.type as 'string'] ?? `JSON nested at most ${depthMax} levels deep`
  );
}

const text: Scalar = (v) => (typeof v === 'string' ? v : undefined);
const int32: Scalar = (v) => (typeof v === 'number' && (v | 0) === v ? v : undefined);
const int64: Scalar = (v) => (Number.isSafeInteger(v) ? v : undefined);

const stringReaders: Record<string, Scalar> = {
  'date-time': (v) => time(v, 0),
  'micro-time': (v) => time(v, 6),
  byte: base64,
  quantity: (v) => {
    if (typeof v === 'number') v = String(v);
    return typeof v === 'string' ? canonicalQuantity(v) : undefined;
  },
};

/** RFC 3339 in any zone becomes UTC with `digits` digits of a second, as metav1.Time and MicroTime are written. */
function time(value: unknown, digits: 0 | 6): unknown {
  if (typeof value !== 'string') return undefined;
  const match = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(value);
  if (!match) return undefined;
  const parsed = Date.parse(value);
  if (Number.isNaN(parsed)) return undefined;
  const seconds = match[2] === 'Z' ? value.slice(0, 19) : new Date(parsed).toISOString().slice(0, 19);
  return digits === 0 ? `${seconds}Z` : `${seconds}.${(match[1] ?? '').padEnd(6, '0').slice(0, 6)}Z`;
}

/** Go's decoder skips line breaks inside base64; nothing else is forgiven. */
function base64(value: unknown): unknown {
  if (typeof value !== 'string') return undefined;
  const joined = value.includes('\n') ? value.replace(/[\r\n]+/g, '') : value;
  return joined.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(joined) ? joined : undefined;
}

/** Deep enough for every managedFields tree, shallow enough for every stack. */
const depthMax = 200;

const any: Scalar = (v) => (isDeeper(v, depthMax) ? undefined : copyJson(v));

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1));
}

/** A copy, so that the caller's object stays his. */
function copyJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyJson);
  if (typeof value !== 'object' || value === null) return value;
  const out: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) setOwn(out, key, copyJson(member));
  return out;
}

/** The value of a key that came from outside: `constructor` is none unless it was set. */
export function getOwn<T>(from: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(from, key) ? from[key] : undefined;
}

/** Plain assignment, except that a key named `__proto__` stays a key. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else target[key] = value;
}
