/** `disk=ssd,region=us-west`, as fleet's configuration writes metadata. */

/** Blanks around names and values are cut, the last of equal names wins; parts without `=` are `wrong`. */
export function parsePairs(text: string): { pairs: Record<string, string>; wrong: string[] } {
  const pairs = new Map<string, string>();
  const wrong: string[] = [];
  for (const part of text.split(',').filter((part) => part.trim())) {
    const mark = part.indexOf('=');
    const name = part.slice(0, Math.max(mark, 0)).trim();
    if (name) pairs.set(name, part.slice(mark + 1).trim());
    else wrong.push(part.trim());
  }
  return { pairs: Object.fromEntries(pairs), wrong };
}
