/**
 * Addresses of pods, from the node's range. What is in use is what the observed sandboxes have, so nothing has to be
 * written down; only an address given to a sandbox that is still being made is remembered.
 */
import { type Cidr, contains, formatAddress, formatCidr, parseAddress } from '../api/cidr.ts';

export class NoFreeAddressError extends Error {
  override readonly name = 'NoFreeAddressError';
  constructor(range: Cidr) {
    super(`no free address in ${formatCidr(range)}`);
  }
}

export class Addresses {
  readonly #range: Cidr;
  /** Addresses of running sandboxes. */
  readonly #inUse: () => Iterable<string>;
  readonly #reserved = new Set<number>();
  /** Where the last search ended: an address that was just given back rests as long as possible. */
  #last = 0;

  constructor(range: Cidr, inUse: () => Iterable<string>) {
    this.#range = range;
    this.#inUse = inUse;
  }

  /** Takes an address; `release` it when it shows in the observation, or when it was not used after all. */
  reserve(): string {
    const taken = new Set(this.#reserved);
    for (const text of this.#inUse()) {
      const address = parseAddress(text);
      if (address !== undefined && contains(this.#range, address)) taken.add(address - this.#range.base);
    }
    // The first is the network's own, the second the gateway's, the last the broadcast address.
    const usable = this.#range.size - 3;
    for (let i = 0; i < usable; i++) {
      const offset = 2 + ((this.#last + i) % usable);
      if (taken.has(offset)) continue;
      this.#reserved.add(offset);
      this.#last = offset - 1;
      return formatAddress(this.#range.base + offset);
    }
    throw new NoFreeAddressError(this.#range);
  }

  release(address: string): void {
    this.#reserved.delete(parseAddress(address)! - this.#range.base);
  }
}
