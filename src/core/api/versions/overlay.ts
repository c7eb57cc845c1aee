/**
 * A client of an old version changes what it can see. Putting its object back as it is would drop all that it could
 * not see; so only what it changed is carried into the stored object.
 */
import { isObject } from '../decode-errors.ts';
import { sameValue } from '../equal.ts';
import { setOwn } from '../scalars.ts';
import type { Members } from './pair.ts';

/**
 * `stored` with the changes that lead from `seen` (what of it the old version shows) to `wished`. None of them changes;
 * the result shares parts with all three.
 */
export function overlay(wished: unknown, seen: unknown, stored: unknown): unknown {
  if (sameValue(wished, seen)) return stored;
  if (isObject(wished) && isObject(seen) && isObject(stored)) return overlayMembers(wished, seen, stored);
  if (Array.isArray(wished) && Array.isArray(seen) && Array.isArray(stored)) return overlayItems(wished, seen, stored);
  return wished;
}

function overlayMembers(wished: Members, seen: Members, stored: Members): Members {
  const out: Members = { ...stored };
  for (const name of new Set([...Object.keys(wished), ...Object.keys(seen)])) {
    const merged = overlay(own(wished, name), own(seen, name), own(stored, name));
    if (merged === undefined) delete out[name];
    else setOwn(out, name, merged);
  }
  return out;
}

const own = (members: Members, name: string): unknown => (Object.hasOwn(members, name) ? members[name] : undefined);

/** Items that have names, as containers do, are paired by them; others by their places while the list keeps its length. */
function overlayItems(wished: unknown[], seen: unknown[], stored: unknown[]): unknown[] {
  if (seen.length !== stored.length) return wished;
  const places = placesByName(seen);
  if (places && placesByName(wished)) {
    return wished.map((item) => {
      const place = places.get((item as Members).name);
      return place === undefined ? item : overlay(item, seen[place], stored[place]);
    });
  }
  if (wished.length !== seen.length) return wished;
  return wished.map((item, i) => overlay(item, seen[i], stored[i]));
}

/** Undefined when items have no names, or share one. */
function placesByName(items: unknown[]): Map<unknown, number> | undefined {
  const places = new Map<unknown, number>();
  for (const [place, item] of items.entries()) {
    const name = isObject(item) ? item.name : undefined;
    if (!name || places.has(name)) return undefined;
    places.set(name, place);
  }
  return places;
}
