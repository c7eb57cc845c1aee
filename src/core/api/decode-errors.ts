/** What decode.ts says about a value of the wrong type: the original's words first, then the place and what is allowed. */
import { scalarExpectation } from './scalars.ts';
import type { AnySchema, StructSchema } from './schema.ts';
import { badRequest } from './status.ts';

/** Members and list places from the root. */
export type Path = readonly (string | number)[];

/** A value of the wrong type; whoever walks knows where. */
export class Mismatch extends Error {
  readonly schema: AnySchema;
  readonly value: unknown;
  constructor(schema: AnySchema, value: unknown) {
    super('wrong type');
    this.schema = schema;
    this.value = value;
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `spec.containers[0].image`. */
export const joinPath = (path: Path) =>
  path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text ? `${text}.${step}` : step),
    '',
  );

/**
 * `json: cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32`
 * as the original words it, then the place and what is allowed there.
 */
export function describeMismatch(root: StructSchema, path: Path, { schema, value }: Mismatch): string {
  const got = jsonTypeOf(value);
  const where = joinPath(path);
  const expected = expectation(schema);
  if (goType(schema) === undefined || (got === 'string' && schema.type === 'string')) {
    return `${where} must be ${expected}, not ${describeValue(value)}`;
  }
  const members = path.filter((step) => typeof step === 'string').join('.');
  const shown = got === 'number' && schema.type === 'integer' ? `number ${value}` : got;
  return (
    `json: cannot unmarshal ${shown} into Go struct field ${ownerOf(root, path)}.${members} of type ${goType(schema)}: ` +
    `${where} must be ${expected}, not ${describeValue(value)}${quoteHint(schema, value)}`
  );
}

/** YAML reads `version: 1.10` as a number and `on: yes` as a truth value; the user meant text. */
function quoteHint(schema: AnySchema, value: unknown): string {
  const bare = typeof value === 'number' || typeof value === 'boolean';
  return schema.type === 'string' && bare ? ` (in YAML, quote it: "${value}")` : '';
}

/** The name of the struct that the last member of `path` is a field of. */
function ownerOf(root: StructSchema, path: Path): string {
  let schema: AnySchema = root;
  let owner = root.name;
  for (const step of path) {
    if (schema.type === 'struct') {
      owner = schema.name;
      schema = schema.fields[step]!.schema;
    } else if (schema.type === 'list') schema = schema.items;
    else if (schema.type === 'map') schema = schema.values;
  }
  return owner;
}

/** Undefined for types that decode themselves in Go and then word their own errors. */
function goType(schema: AnySchema): string | undefined {
  switch (schema.type) {
    case 'struct':
      return `v1.${schema.name}`;
    case 'list':
      return `[]${goType(schema.items) ?? schema.items.type}`;
    case 'map':
      return `map[string]${goType(schema.values) ?? schema.values.type}`;
    case 'integer':
      return schema.format ?? 'int64';
    case 'boolean':
      return 'bool';
    case 'number':
      return 'float64';
    case 'string':
      return schema.format ? undefined : 'string';
  }
  return undefined;
}

function expectation(schema: AnySchema): string {
  if (schema.type === 'struct' || schema.type === 'map') return 'an object';
  return schema.type === 'list' ? 'a list' : scalarExpectation(schema);
}

/** What a body says it is; '' where it does not say. */
export const typeOf = ({ apiVersion, kind }: Readonly<Record<string, unknown>>) => ({
  apiVersion: typeText('apiVersion', apiVersion),
  kind: typeText('kind', kind),
});

function typeText(field: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  const why = `json: cannot unmarshal ${jsonTypeOf(value)} into Go struct field .${field} of type string`;
  throw badRequest(`couldn't get version/kind; json parse error: ${why}`);
}

/** As encoding/json names it. */
function jsonTypeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'an object';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
