/** Whether two JSON values say the same, whatever the order of members; undefined is as good as absent. */
export function sameValue(a: unknown, b: unknown): boolean {
  return firstDifference(a, b) === undefined;
}

/** Where two JSON values first differ: `.containers[0].image`, '' for the values themselves; undefined when they do not. */
export function firstDifference(a: unknown, b: unknown): string | undefined {
  if (a === b) return undefined;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return '';
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return '';
    for (let i = 0; i < a.length; i++) {
      const below = firstDifference(a[i], b[i]);
      if (below !== undefined) return `[${i}]${below}`;
    }
    return undefined;
  }
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const key in x) {
    const below = firstDifference(x[key], Object.hasOwn(y, key) ? y[key] : undefined);
    if (below !== undefined) return `.${key}${below}`;
  }
  for (const key in y) {
    if (y[key] !== undefined && !Object.hasOwn(x, key)) return `.${key}`;
  }
  return undefined;
}
