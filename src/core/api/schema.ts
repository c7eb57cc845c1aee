/**
 * The schema language in which API types are declared (see ./types). One declaration gives the static type, the
 * strict decoder (./decode.ts), the OpenAPI document, protobuf field numbers and the patch strategies.
 *
 * TypeBox was considered: it has no place for field numbers and "always written" fields, and its error collection
 * costs 160 µs an object where our decoder names each wrong field while it copies.
 */

/** How a scalar looks on the wire beyond its JSON type. */
export type Format =
  | 'int32'
  | 'int64'
  | 'byte'
  | 'date-time'
  | 'micro-time'
  | 'quantity'
  | 'int-or-string'
  | 'duration';

export interface ScalarSchema {
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'int-or-string' | 'any';
  readonly format?: Format;
  /** The known values of a closed string type. */
  readonly values?: readonly string[];
}
export interface ListSchema {
  readonly type: 'list';
  readonly items: AnySchema;
}
export interface MapSchema {
  readonly type: 'map';
  readonly values: AnySchema;
}
export interface StructSchema {
  readonly type: 'struct';
  readonly name: string;
  readonly fields: Fields;
  /** Server-side apply treats the whole struct as one value. */
  readonly atomic: boolean;
}
export type AnySchema = ScalarSchema | ListSchema | MapSchema | StructSchema;

/** A schema that carries its static type; the type exists at compile time only. */
export type Schema<T> = AnySchema & { readonly static?: T };

/** Patch and apply behaviour of a field, as the Kubernetes struct tags give it. */
export interface Marks {
  readonly patchStrategy?: 'merge' | 'replace' | 'retainKeys' | 'merge,retainKeys';
  readonly patchMergeKey?: string;
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
  readonly mapType?: 'atomic' | 'granular';
  readonly structType?: 'atomic' | 'granular';
  readonly default?: unknown;
}

export interface Field<T = unknown, Always extends boolean = boolean> {
  readonly schema: Schema<T>;
  /** Protobuf field number; 0 where the original has none. */
  readonly number: number;
  /** True when the original writes the field even if it holds its zero value (no `omitempty`). */
  readonly always: Always;
  /** True for a scalar that the original has a pointer to: its zero value is not the same as no value. */
  readonly pointer: boolean;
  /** The struct that this field comes from, where the original embeds one: a field without a name of its own in JSON. */
  readonly inlined?: { readonly number: number; readonly name: string };
  readonly marks: Marks;
}
export type Fields = Readonly<Record<string, Field<unknown>>>;

type Shape<F extends Fields> = {
  [K in keyof F as F[K] extends Field<unknown, true> ? K : never]: F[K] extends Field<infer T> ? T : never;
} & {
  [K in keyof F as F[K] extends Field<unknown, true> ? never : K]?:
    | (F[K] extends Field<infer T> ? T : never)
    | undefined;
};
type Flat<T> = { [K in keyof T]: T[K] };

/** The static type a schema describes. */
export type Static<S> = S extends { readonly static?: infer T } ? Exclude<T, undefined> : never;

export const str: Schema<string> = { type: 'string' };
export const bool: Schema<boolean> = { type: 'boolean' };
export const int32: Schema<number> = { type: 'integer', format: 'int32' };
export const int64: Schema<number> = { type: 'integer', format: 'int64' };
export const double: Schema<number> = { type: 'number' };
/** RFC 3339 with seconds, UTC: `2026-11-25T10:00:00Z`. */
export const time: Schema<string> = { type: 'string', format: 'date-time' };
/** RFC 3339 with six fractional digits. */
export const microTime: Schema<string> = { type: 'string', format: 'micro-time' };
/** Bytes, base64 in JSON. */
export const bytes: Schema<string> = { type: 'string', format: 'byte' };
/** `100m`, `1Gi`; JSON numbers are accepted on input. */
export const quantity: Schema<string> = { type: 'string', format: 'quantity' };
export const intOrString: Schema<number | string> = { type: 'int-or-string', format: 'int-or-string' };
/** Any JSON value, kept as it is. */
export const any: Schema<unknown> = { type: 'any' };

/** A closed set of strings. */
export function oneOf<const V extends readonly string[]>(...values: V): Schema<V[number]> {
  return { type: 'string', values };
}
export function list<T>(items: Schema<T>): Schema<T[]> {
  return { type: 'list', items };
}
export function map<T>(values: Schema<T>): Schema<Record<string, T>> {
  return { type: 'map', values };
}

export type Struct<F extends Fields> = StructSchema & { readonly fields: F; readonly static?: Flat<Shape<F>> };

/** A JSON object with known fields. `atomic` is server-side apply's structType. */
export function struct<F extends Fields>(name: string, fields: F, options: { atomic?: boolean } = {}): Struct<F> {
  return { type: 'struct', name, fields, atomic: options.atomic ?? false };
}

const noMarks: Marks = Object.freeze({});

/** A field that is left out when empty. */
export function opt<T>(number: number, schema: Schema<T>, marks: Marks = noMarks): Field<T, false> {
  return { number, schema, always: false, pointer: false, marks };
}
/** A scalar that is left out when it has no value; its zero value is one (`*int32` in the original). */
export function ptr<T>(number: number, schema: Schema<T>, marks: Marks = noMarks): Field<T, false> {
  return { number, schema, always: false, pointer: true, marks };
}
/** A field that is written even when it holds its zero value. */
export function req<T>(number: number, schema: Schema<T>, marks: Marks = noMarks): Field<T, true> {
  return { number, schema, always: true, pointer: false, marks };
}
/** The fields of a struct that the original embeds: in JSON they are the outer struct's, in protobuf a message of their own. */
export function inline<F extends Fields>(number: number, { name, fields }: Struct<F>): F {
  const inlined = { number, name };
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, { ...field, inlined }])) as F;
}
