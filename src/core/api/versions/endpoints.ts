/** Endpoints. Before v1beta3 they were a list of `ip:port`, which 0.17 still derived from the first ports. */
import { list, listOf, type Members, membersOf, type Pair, same, struct } from './pair.ts';
import { isInline, type OlderVersion } from './version.ts';

const subset = struct(
  {
    // The capitals are the original's.
    addresses: list(struct({ ip: ['IP', same], targetRef: same })),
    ports: list(struct({ name: same, port: same, protocol: same })),
  },
  {
    encode(old) {
      old.addresses ??= [];
    },
    decode(value) {
      if (Array.isArray(value.addresses) && !value.addresses.length) delete value.addresses;
    },
  },
);
const subsets: Pair = {
  encode: (value) => list(subset).encode(value ?? []),
  decode: list(subset).decode,
};

export function endpoints(version: OlderVersion): Pair {
  return {
    encode(value) {
      const own = { subsets: subsets.encode(membersOf(value).subsets) };
      return isInline(version) ? { ...derived(listOf(membersOf(value).subsets)), ...own } : own;
    },
    decode(value) {
      const old = membersOf(value);
      if (!isInline(version) || listOf(old.subsets).length) return { subsets: subsets.decode(old.subsets) };
      return { subsets: subsetsOf(old) };
    },
  };
}

function derived(given: Members[]): Members {
  const protocol = listOf(given[0]?.ports)[0]?.protocol;
  const pairs = given.flatMap(({ addresses, ports }) => {
    const { port } = listOf(ports)[0] ?? {};
    if (port === undefined) return [];
    return listOf(addresses).map(({ ip, targetRef }) => ({ endpoint: joined(ip, port), targetRef }));
  });
  const targetRefs = pairs.filter(({ targetRef }) => targetRef);
  return {
    protocol,
    endpoints: pairs.length ? pairs.map(({ endpoint }) => endpoint) : null,
    targetRefs: targetRefs.length ? targetRefs : undefined,
  };
}

const joined = (ip: unknown, port: unknown) => (String(ip).includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);

/** One subset per port. */
function subsetsOf({ protocol = 'TCP', endpoints: pairs, targetRefs }: Members): unknown {
  if (!Array.isArray(pairs)) return pairs ?? undefined;
  const references = new Map(listOf(targetRefs).map(({ endpoint, targetRef }) => [endpoint, targetRef]));
  const byPort = new Map<string, Members[]>();
  for (const endpoint of pairs) {
    const [ip, port] = split(typeof endpoint === 'string' ? endpoint : '');
    const addresses = byPort.get(port) ?? [];
    byPort.set(port, addresses);
    addresses.push({ ip, targetRef: references.get(endpoint) });
  }
  return [...byPort].map(([port, addresses]) => ({ addresses, ports: [{ port: Number(port), protocol }] }));
}

/** `10.1.0.2:80`, `[fd00::2]:80`; an address alone has no port that could be valid. */
function split(endpoint: string): [ip: string, port: string] {
  const match = /^\[?(.*?)\]?:(\d+)$/.exec(endpoint);
  return match ? [match[1]!, match[2]!] : [endpoint, '0'];
}
