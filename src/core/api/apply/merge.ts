/** What is there with what is applied on top, and without what is applied no more. */
import { isObject } from '../decode-errors.ts';
import { setOwn } from '../scalars.ts';
import { at, type FieldSet, isMember, noFields } from './fields.ts';
import { type Child, childrenOf, type Place, shapeOf } from './places.ts';

type Json = Record<string, unknown>;

/** Structs and maps are merged, lists by key or as sets; everything else is as `config` has it. */
export function mergeConfig(place: Place, live: unknown, config: unknown): unknown {
  const shape = shapeOf(place);
  if (shape === 'leaf') return config;
  if (config === null) return live;
  const [old, sent] = [childrenOf(place, live), childrenOf(place, config)];
  const merged = (element: string, child: Child) =>
    old.has(element) ? mergeConfig(child.place, old.get(element)?.value, child.value) : child.value;
  if (shape === 'struct' || shape === 'map') {
    const out: Json = isObject(live) ? { ...live } : {};
    for (const [element, child] of sent) setOwn(out, element.slice(2), merged(element, child));
    return out;
  }
  return interleaved([...old.keys()], [...sent.keys()]).map((element) => {
    const child = sent.get(element);
    return child ? merged(element, child) : old.get(element)?.value;
  });
}

/** The items of `sent` in their order, each of the others in front of the common item that stood behind it. */
function interleaved(old: readonly string[], sent: readonly string[]): string[] {
  const [inOld, inSent] = [new Set(old), new Set(sent)];
  const out: string[] = [];
  let next = 0;
  let waiting: string[] = [];
  for (const element of sent) {
    waiting.push(element);
    if (!inOld.has(element)) continue;
    for (const end = old.indexOf(element); next < end; next++) if (!inSent.has(old[next]!)) out.push(old[next]!);
    out.push(...waiting);
    waiting = [];
  }
  return [...out, ...old.slice(next).filter((element) => !inSent.has(element)), ...waiting];
}

/**
 * `value` without the fields of `last` that nobody owns any more. Together with a field goes what is below it and was
 * never owned, such as defaults; an item of which somebody owns a part stays.
 */
export function prune(place: Place, value: unknown, last: FieldSet, owned: FieldSet): unknown {
  const shape = shapeOf(place);
  if (shape === 'leaf') return value;
  const gone = (element: string) => {
    const node = at(last, element);
    return node !== undefined && !at(owned, element) && (isMember(node) || shape === 'struct');
  };
  const pruned = (element: string, child: Child) => {
    const [node, claim] = [at(last, element), at(owned, element)];
    return node ? prune(child.place, child.value, node, claim ?? noFields) : child.value;
  };
  const kept = [...childrenOf(place, value)].filter(([element]) => !gone(element));
  if (shape !== 'struct' && shape !== 'map') return kept.map(([element, child]) => pruned(element, child));
  const out: Json = {};
  for (const [element, child] of kept) setOwn(out, element.slice(2), pruned(element, child));
  return out;
}
