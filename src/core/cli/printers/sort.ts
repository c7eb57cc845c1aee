/** `--sort-by=.metadata.creationTimestamp`. */
import { valuesAt } from './jsonpath.ts';
import { parseRelaxedPath } from './jsonpath-parser.ts';

const natural = new Intl.Collator('en', { numeric: true });

/** Sorts by the value at a path; items without one come first. Numbers inside text count as numbers (web-2 < web-10). */
export function sortBy<T>(items: readonly T[], path: string, objectOf: (item: T) => unknown): T[] {
  const parsed = parseRelaxedPath(path);
  const keyed = items.map((item) => ({ item, key: valuesAt(parsed, objectOf(item))[0] }));
  return keyed.sort((a, b) => compareKeys(a.key, b.key)).map(({ item }) => item);
}

function compareKeys(a: unknown, b: unknown): number {
  if (a === undefined || a === null) return b === undefined || b === null ? 0 : -1;
  if (b === undefined || b === null) return 1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return natural.compare(String(a), String(b));
}
