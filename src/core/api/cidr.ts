/** IPv4 addresses and ranges as numbers: portal nets, pod ranges and machine nets are all cut from CIDRs. */

export interface Cidr {
  /** First address of the range, as an unsigned 32-bit number. */
  readonly base: number;
  readonly prefix: number;
  /** Addresses in the range. */
  readonly size: number;
}

/** The number of a dotted address; undefined when the text is not one. */
export function parseAddress(text: string): number | undefined {
  const m = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!m) return undefined;
  let value = 0;
  for (const part of m.slice(1)) {
    if (Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

export function formatAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}

/** `10.0.0.0/16`; undefined when the text is not a range or has bits set behind its prefix. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', bits = ''] = text.split('/');
  const base = parseAddress(address);
  const prefix = /^\d{1,2}$/.test(bits) ? Number(bits) : 33;
  if (base === undefined || prefix > 32) return undefined;
  const size = 2 ** (32 - prefix);
  return base % size === 0 ? { base, prefix, size } : undefined;
}

export function formatCidr(cidr: Cidr): string {
  return `${formatAddress(cidr.base)}/${cidr.prefix}`;
}

/** `10.0.0.1` is the first of `10.0.0.0/16`, whose 0th is the net itself. Throws when it is no range, or has not so many. */
export function nthAddress(range: string, n: number): string {
  const cidr = parseCidr(range);
  if (!cidr || n >= cidr.size) throw new Error(`${range} is not a range of more than ${n} addresses`);
  return formatAddress(cidr.base + n);
}

export function contains(cidr: Cidr, address: number): boolean {
  return address >= cidr.base && address < cidr.base + cidr.size;
}

export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.base < b.base + b.size && b.base < a.base + a.size;
}

/** The nth range of `prefix` bits inside `cidr`; undefined when it has no such part. */
export function subrange(cidr: Cidr, prefix: number, n: number): Cidr | undefined {
  const size = 2 ** (32 - prefix);
  const base = cidr.base + n * size;
  return base + size <= cidr.base + cidr.size ? { base, prefix, size } : undefined;
}
