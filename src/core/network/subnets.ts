/** Chooses address ranges that nothing on this host uses yet. */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { type Cidr, formatCidr, overlaps, parseCidr } from '../api/cidr.ts';

/** Ranges with a route or an address on this host; a default route is no use of a range. */
export function usedRanges(): Cidr[] {
  return [...interfaceRanges(), ...routedRanges(readRoutes())];
}

/** The first candidate that overlaps none of `used`; throws when all do. */
export function freeRange(candidates: Iterable<string>, used: readonly Cidr[], what: string): string {
  const tried: string[] = [];
  for (const text of candidates) {
    const cidr = parseCidr(text);
    if (!cidr) throw new Error(`${what}: ${text} is not an address range such as 10.0.0.0/16`);
    if (!used.some((other) => overlaps(cidr, other))) return text;
    tried.push(text);
  }
  throw new Error(`${what}: every range tried is in use on this host (${tried.slice(0, 3).join(', ')}, …)`);
}

/** `first`, then the ranges of the same size after it. */
export function* following(first: string, count: number): Generator<string> {
  const cidr = parseCidr(first);
  if (!cidr) throw new Error(`${first} is not an address range such as 10.0.0.0/16`);
  for (let i = 0; i < count; i++) yield formatCidr({ ...cidr, base: cidr.base + i * cidr.size });
}

function interfaceRanges(): Cidr[] {
  const ranges: Cidr[] = [];
  for (const addresses of Object.values(networkInterfaces())) {
    for (const a of addresses ?? []) {
      if (a.family !== 'IPv4') continue;
      const range = a.cidr === null ? undefined : networkOf(a.cidr);
      if (range) ranges.push(range);
    }
  }
  return ranges;
}

/** The range an interface address such as 172.17.0.1/16 lies in. */
function networkOf(addressWithPrefix: string): Cidr | undefined {
  const [address = '', bits = '32'] = addressWithPrefix.split('/');
  const host = parseCidr(`${address}/32`);
  if (!host) return undefined;
  const size = 2 ** (32 - Number(bits));
  return { base: host.base - (host.base % size), prefix: Number(bits), size };
}

function readRoutes(): string {
  try {
    return readFileSync('/proc/net/route', 'utf8');
  } catch {
    return ''; // Not Linux: interface addresses are all there is to see.
  }
}

/** /proc/net/route: destination and mask are little-endian hex words in columns 2 and 8. */
export function routedRanges(table: string): Cidr[] {
  const ranges: Cidr[] = [];
  for (const line of table.split('\n').slice(1)) {
    const columns = line.split('\t');
    const base = littleEndian(columns[1] ?? '');
    const mask = littleEndian(columns[7] ?? '');
    if (base === undefined || !mask) continue;
    const prefix = Math.clz32(~mask >>> 0);
    ranges.push({ base, prefix, size: 2 ** (32 - prefix) });
  }
  return ranges;
}

function littleEndian(hex: string): number | undefined {
  return /^[0-9A-Fa-f]{8}$/.test(hex) ? Buffer.from(hex, 'hex').readUInt32LE() : undefined;
}
