/** What somebody applies: like an object of the kind, with nothing in it but what he wrote. */
import { decodeObject } from '../decode.ts';
import { isObject, typeOf } from '../decode-errors.ts';
import type { Kind } from '../kind.ts';
import type { KubeObject } from '../object.ts';
import { setOwn } from '../scalars.ts';
import type { AnySchema } from '../schema.ts';
import { badRequest, unexplained } from '../status.ts';
import { stepOf } from './fields.ts';
import { defaultOf, elementOf, keysOf, type Place, rootOf, shapeOf } from './places.ts';

type Json = Record<string, unknown>;

/** Checked against the schema, scalars in canonical form; no defaults, no zero values. */
export function decodeConfig(kind: Kind, body: unknown, { strict }: { strict: boolean }): Json {
  const sent = checkType(kind, body);
  const { object, warnings } = decodeObject(kind, sent, 'Warn');
  if (object.metadata.managedFields) throw badRequest('metadata.managedFields must be nil');
  if (warnings.length && strict) throw badRequest(`error strict decoding patch: ${warnings.join(', ')}`);
  const undeclared = warnings.map((warning) => `.${/"([^"]*)"/.exec(warning)?.[1]}: field not declared in schema`);
  const config = asSent(kind.schema, sent, object) as Json;
  const [problem] = [...undeclared, ...listProblems(rootOf(kind.schema), config, '')];
  if (problem === undefined) return config;
  throw unexplained(`failed to create typed patch object (${nameOf(kind, object)}): ${problem}`);
}

function checkType(kind: Kind, body: unknown): Json {
  if (!isObject(body)) throw badRequest('what is applied must be an object');
  const { apiVersion, kind: name } = typeOf(body);
  if (!apiVersion || !name) throw badRequest(`invalid object type: ${apiVersion || '/'}, Kind=${name}`);
  if (apiVersion !== kind.apiVersion) {
    const versions = `Specified patch version: ${apiVersion}, expected: ${kind.apiVersion}`;
    throw badRequest(`Incorrect version specified in apply patch. ${versions}`);
  }
  return body;
}

function nameOf({ apiVersion, group, kind }: Kind, { metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}; ${group ? apiVersion : `/${apiVersion}`}, Kind=${kind}`;
}

/** The members of `sent` with the values that decoding made of them. Null says that a field shall have no value. */
function asSent(schema: AnySchema, sent: unknown, decoded: unknown): unknown {
  if (sent === null || decoded === undefined) return sent;
  if (schema.type === 'list') {
    return (sent as unknown[]).map((item, i) => asSent(schema.items, item, (decoded as unknown[])[i]));
  }
  if (schema.type !== 'struct' && schema.type !== 'map') return decoded;
  const out: Json = {};
  for (const [name, value] of Object.entries(sent as Json)) {
    const below = schema.type === 'map' ? schema.values : schema.fields[name]?.schema;
    if (below && value !== undefined) setOwn(out, name, asSent(below, value, (decoded as Json)[name]));
  }
  return out;
}

/** Lists whose items cannot be told apart have no owners. */
function listProblems(place: Place, value: unknown, path: string): string[] {
  const shape = shapeOf(place);
  if (shape === 'leaf' || typeof value !== 'object' || value === null) return [];
  const { schema } = place;
  if (schema.type === 'list') {
    const items = rootOf(schema.items);
    const list = value as unknown[];
    const below = list.flatMap((item, i) => listProblems(items, item, path + stepOf(elementOf(place, item, i))));
    return [...itemProblems(place, list).map((problem) => `${path}: ${problem}`), ...below];
  }
  return Object.entries(value).flatMap(([name, member]) => {
    const below = schema.type === 'map' ? rootOf(schema.values) : schema.type === 'struct' && schema.fields[name];
    return below ? listProblems(below, member, `${path}.${name}`) : [];
  });
}

function itemProblems(place: Place, list: readonly unknown[]): string[] {
  const seen = new Set<string>();
  return list.flatMap((item, i) => {
    const without = keysOf(place).find(
      (key) => !(isObject(item) && key in item) && defaultOf(place, key) === undefined,
    );
    if (without !== undefined) {
      return `element ${i}: associative list with keys has an element that omits key field "${without}" (and doesn't have default value)`;
    }
    const element = elementOf(place, item, i);
    if (seen.has(element)) return `duplicate entries for key ${stepOf(element)}`;
    seen.add(element);
    return [];
  });
}
