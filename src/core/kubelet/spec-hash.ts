/** Tells whether a running container still is what its spec asks for (kubelet-proxy.md §3). */
import type { Container } from '../api/types/container.ts';

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

/** JSON without what is absent or empty and with sorted members: the same for every way to write the same spec. */
function dump(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(dump).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, v]) => !isEmpty(v));
  return `{${members
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, v]) => `${JSON.stringify(k)}:${dump(v)}`)
    .join(',')}}`;
}

const isEmpty = (v: unknown) =>
  v === undefined || v === null || (typeof v === 'object' && Object.keys(v as object).length === 0);

function adler32(text: string): string {
  let a = 1;
  let b = 0;
  for (const byte of Buffer.from(text)) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return (b * 65536 + a).toString(16);
}
