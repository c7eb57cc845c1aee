/** Values as Go's `%v` prints them, which is how the original shows parts of a patch in its messages. */
import { isObject } from '../decode-errors.ts';

/** `map[containers:[map[name:web]] replicas:3]` */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (!isObject(value)) return String(value);
  const members = Object.keys(value).sort();
  return `map[${members.map((name) => `${name}:${goText(value[name])}`).join(' ')}]`;
}
