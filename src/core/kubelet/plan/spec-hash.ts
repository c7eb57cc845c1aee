/** Tells whether a running container still is what its spec asks for (kubernetes HashContainer). */
import type { Container } from '../../api/types/container.ts';
import { adler32 } from '../../async/adler32.ts';

const hashes = new WeakMap<Container, string>();

/**
 * Adler-32 of a dump of the spec, in hex. The environment of services is no part of it, so a new service restarts
 * nothing. Specs out of a cache are never changed, so one is dumped once.
 */
export function specHash(spec: Container): string {
  let hash = hashes.get(spec);
  if (hash === undefined) {
    hash = adler32(dump(spec));
    hashes.set(spec, hash);
  }
  return hash;
}

/** JSON with sorted members and without empty ones: the same for every way to write the same spec. */
function dump(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(dump).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).map(([name, member]) => [name, dump(member)] as const);
  const told = members.filter(([, text]) => !['null', '{}', '[]'].includes(text)).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${told.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
}
