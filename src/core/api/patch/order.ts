/** Where the items of a merged list stand (apimachinery strategicpatch, normalizeElementOrder). */

/**
 * `merged` in its final order. Items named in `wanted` stand as they are named there; the others keep the order of
 * `live`, each in front of the first wanted item that stood behind it:
 *
 *     live [c1 c2 c3], wanted [c4 c2]  →  [c4 c1 c2 c3]
 */
export function inOrder<T>(
  merged: readonly T[],
  keyOf: (item: T) => string,
  { wanted, live }: { wanted: readonly string[]; live: readonly string[] },
): T[] {
  const places = placesOf(wanted);
  const livePlaces = placesOf(live);
  const place = (item: T) => places.get(keyOf(item)) ?? 0;
  const named = merged.filter((item) => places.has(keyOf(item))).sort((a, b) => place(a) - place(b));
  const others = merged.filter((item) => !places.has(keyOf(item)));

  const out: T[] = [];
  let next = 0;
  for (const item of named) {
    const at = livePlaces.get(keyOf(item));
    // An item that is new has no place among the others: it comes at once.
    while (at !== undefined && next < others.length && (livePlaces.get(keyOf(others[next]!)) ?? at) < at) {
      out.push(others[next++]!);
    }
    out.push(item);
  }
  return [...out, ...others.slice(next)];
}

/** The first place of each key. */
export function placesOf(keys: readonly string[]): Map<string, number> {
  const places = new Map<string, number>();
  for (const [place, key] of keys.entries()) if (!places.has(key)) places.set(key, place);
  return places;
}

/** Whether `some` come in the order of `all`, with others between them. */
export function isSubsequence(some: readonly string[], all: readonly string[]): boolean {
  let at = 0;
  for (const key of all) if (key === some[at]) at++;
  return at === some.length;
}
