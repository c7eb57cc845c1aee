/** `$public_ipv4` and its like, replaced in the text before it is read as YAML. */

export interface Addresses {
  public_ipv4?: string;
  private_ipv4?: string;
  public_ipv6?: string;
  private_ipv6?: string;
}

const names = ['public_ipv4', 'private_ipv4', 'public_ipv6', 'private_ipv6'] as const;

/**
 * As coreos-cloudinit does it (config/substitution): with no regard for what follows the name; `\$public_ipv4` stands for
 * itself; of two that touch only the first is replaced; an address that is not known leaves nothing.
 */
export function substitute(text: string, addresses: Addresses): string {
  let out = text;
  for (const name of names) {
    const value = addresses[name] ?? '';
    out = out
      .replaceAll(new RegExp(`([^\\\\]|^)\\$${name}`, 'g'), (_, before: string) => before + value)
      .replaceAll(`\\$${name}`, () => `$${name}`);
  }
  return out;
}
