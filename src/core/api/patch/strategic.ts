/**
 * Strategic merge patch: a merge patch that knows from the schema which lists are merged item by item, and by which
 * member. Directives in the patch say what merging cannot (apimachinery strategicpatch):
 *
 *     {"$patch": "replace", …}                 the rest of this map replaces what is there
 *     {"$patch": "delete", "name": "web"}      the item with this key goes
 *     "$deleteFromPrimitiveList/finalizers"    values to take out of a list of scalars
 *     "$setElementOrder/containers"            the order of the merged list
 *     "$retainKeys"                            all other members of this map go
 */
import { isObject } from '../decode-errors.ts';
import { setOwn } from '../scalars.ts';
import type { AnySchema, Marks, StructSchema } from '../schema.ts';
import { badRequest, unexplained } from '../status.ts';
import { goText } from './go-text.ts';
import { inOrder, isSubsequence, placesOf } from './order.ts';

type Json = Record<string, unknown>;

/** What the schema says about one place; nothing below fields it does not know. */
interface Place {
  readonly schema: AnySchema | undefined;
  readonly marks: Marks;
}

/** A field of a patch, with the directives that stand beside it. */
interface Part {
  readonly value?: unknown;
  readonly removed?: readonly unknown[];
  readonly order?: readonly unknown[];
}

/** No API object is nearly as deep; deeper patches would end in a stack overflow. */
const depthMax = 200;
const noMarks: Marks = {};

/** The result of a patch. Neither argument changes; parts the patch does not touch are shared with `target`. */
export function strategicMerge(schema: StructSchema, target: object, patch: object): object {
  return mergeMap(schema, target as Json, patch as Json, 0);
}

function mergeMap(schema: AnySchema | undefined, target: Json, patch: Json, depth: number): Json {
  if (depth > depthMax) throw badRequest(`the patch is nested more than ${depthMax} levels deep`);
  const directive = directiveOf(patch);
  if (directive === 'delete') return {};
  const out: Json = directive === 'replace' ? {} : { ...target };
  for (const [name, part] of partsOf(patch)) {
    const current = Object.hasOwn(out, name) ? out[name] : undefined;
    const merged = part.value === null ? undefined : mergePart(placeOf(schema, name), current, part, depth + 1);
    if (merged === undefined) delete out[name];
    else setOwn(out, name, merged);
  }
  retainKeys(out, patch);
  return out;
}

function mergePart(place: Place, current: unknown, part: Part, depth: number): unknown {
  const { value } = part;
  const strategy = place.marks.patchStrategy ?? '';
  if (isObject(value)) {
    const target = isObject(current) && strategy !== 'replace' ? current : {};
    return mergeMap(place.schema, target, value, depth);
  }
  const isList = Array.isArray(value) || (value === undefined && Array.isArray(current));
  if (isList && strategy.startsWith('merge')) {
    return mergeList(place, Array.isArray(current) ? current : [], part, depth);
  }
  return value === undefined ? current : value;
}

function mergeList({ schema, marks }: Place, current: readonly unknown[], part: Part, depth: number): unknown[] {
  const { value = [], order } = part;
  const patch = value as readonly unknown[];
  const key = marks.patchMergeKey;
  if (key === undefined) return mergeScalars(current, patch, part);
  const items = schema?.type === 'list' ? schema.items : undefined;
  const maps = patch.map((item) => asMap(item, key));
  if (maps.some((item) => directiveOf(item) === 'replace')) return maps.filter((item) => !('$patch' in item));

  const keyOf = (item: unknown) => (isObject(item) ? goText(item[key]) : goText(item));
  const removed = new Set(maps.filter((item) => directiveOf(item) === 'delete').map(keyOf));
  const sent = maps.filter((item) => directiveOf(item) !== 'delete');
  const merged = current.filter((item) => !removed.has(keyOf(item)));
  const places = placesOf(merged.map(keyOf));
  for (const item of sent) {
    const at = places.get(keyOf(item)) ?? merged.length;
    const live = merged[at];
    if (at === merged.length) places.set(keyOf(item), at);
    if (isObject(live)) merged[at] = mergeMap(items, live, item, depth);
    else merged.push(mergeMap(items, {}, item, depth));
  }
  return inOrder(merged, keyOf, { wanted: wantedOrder(sent, order, keyOf), live: current.map(keyOf) });
}

/** Lists of scalars are sets. */
function mergeScalars(
  current: readonly unknown[],
  patch: readonly unknown[],
  { removed = [], order }: Part,
): unknown[] {
  const gone = new Set(removed.map(goText));
  const merged = current.filter((item) => !gone.has(goText(item)));
  const known = new Set(merged.map(goText));
  for (const item of patch) {
    if (!known.has(goText(item))) merged.push(item);
    known.add(goText(item));
  }
  return inOrder(merged, goText, { wanted: wantedOrder(patch, order, goText), live: current.map(goText) });
}

/** As $setElementOrder says, or as the items come in the patch. */
function wantedOrder(sent: readonly unknown[], order: Part['order'], keyOf: (item: unknown) => string): string[] {
  const keys = sent.map(keyOf);
  if (!order) return keys;
  const ordered = order.map(keyOf);
  if (isSubsequence(keys, ordered)) return ordered;
  throw unexplained(
    `The order in patch list:\n${goText(sent)}\n doesn't match $setElementOrder list:\n${goText(order)}\n`,
  );
}

function asMap(item: unknown, key: string): Json {
  if (!isObject(item)) throw badRequest(`an item of the list must be an object with ${key}, not ${goText(item)}`);
  if (!Object.hasOwn(item, key) && directiveOf(item) !== 'replace') {
    throw unexplained(`map: ${goText(item)} does not contain declared merge key: ${key}`);
  }
  return item;
}

function directiveOf(patch: Json): 'replace' | 'delete' | 'merge' {
  const directive = Object.hasOwn(patch, '$patch') ? patch['$patch'] : 'merge';
  if (directive === 'replace' || directive === 'delete' || directive === 'merge') return directive;
  throw unexplained(`unknown patch type: ${goText(directive)} in map: ${goText(patch)}`);
}

const removeFrom = '$deleteFromPrimitiveList/';
const orderOf = '$setElementOrder/';

/** The fields of a patch in the order they come, each with its directives. */
function partsOf(patch: Json): Map<string, Part> {
  const parts = new Map<string, Part>();
  const add = (name: string, part: Part) => parts.set(name, { ...parts.get(name), ...part });
  for (const [key, value] of Object.entries(patch)) {
    if (key === '$patch' || key === '$retainKeys') continue;
    if (key.startsWith(removeFrom)) add(key.slice(removeFrom.length), { removed: asList(key, value) });
    else if (key.startsWith(orderOf)) add(key.slice(orderOf.length), { order: asList(key, value) });
    else add(key, { value });
  }
  return parts;
}

function asList(directive: string, value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw badRequest(`${directive} must be a list, not ${goText(value)}`);
}

function retainKeys(out: Json, patch: Json): void {
  const keys = patch['$retainKeys'];
  if (keys === undefined) return;
  const isRetained = (name: string) => Array.isArray(keys) && keys.includes(name);
  if (!Array.isArray(keys) || Object.keys(patch).some((name) => !name.startsWith('$') && !isRetained(name))) {
    throw badRequest('invalid patch format of retainKeys');
  }
  for (const name of Object.keys(out)) if (!isRetained(name)) delete out[name];
}

function placeOf(schema: AnySchema | undefined, name: string): Place {
  if (schema?.type === 'map') return { schema: schema.values, marks: noMarks };
  if (schema?.type !== 'struct' || !Object.hasOwn(schema.fields, name)) return { schema: undefined, marks: noMarks };
  return schema.fields[name]!;
}
