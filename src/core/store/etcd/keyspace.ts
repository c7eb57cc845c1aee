/**
 * Where the store's keys lie in etcd. `prefix` takes the place of `root`, with which all keys of the store begin: with
 * /blue for /registry, the key /registry/pods/default/web is /blue/pods/default/web there. Marks of the store itself
 * stand before all keys, behind a zero byte.
 */
import { checkKey } from '../keys.ts';

const zero = '\u0000';

export interface KeyRange {
  key: Buffer;
  range_end: Buffer;
}

export class Keyspace {
  /** Everything of the store, with its marks. */
  readonly all: KeyRange;
  readonly #prefix: string;
  readonly #root: string;

  constructor(prefix: string, root: string) {
    this.#prefix = prefix;
    this.#root = root;
    this.all = { key: Buffer.from(prefix || zero), range_end: endOf(prefix) };
  }

  toEtcd(key: string): Buffer {
    checkKey(key);
    return Buffer.from(this.#place(key));
  }

  /** Undefined for marks. */
  fromEtcd(key: Buffer): string | undefined {
    const rest = key.toString('utf8', Buffer.byteLength(this.#prefix));
    return rest.startsWith(zero) ? undefined : this.#root + rest;
  }

  /** The keys that start with `prefix` and sort behind `after`. */
  range(prefix: string, after?: string): KeyRange {
    // The zero byte's successor leaves the marks out.
    const first = this.#root.startsWith(prefix) ? `${this.#prefix}\u0001` : this.#place(prefix);
    const end = this.#root.startsWith(prefix) ? this.#prefix : first;
    const key = Buffer.from(first);
    if (after === undefined) return { key, range_end: endOf(end) };
    const behind = Buffer.from(`${this.#place(after)}${zero}`);
    return { key: Buffer.compare(behind, key) > 0 ? behind : key, range_end: endOf(end) };
  }

  mark(name: string): Buffer {
    return Buffer.from(`${this.#prefix}${zero}${name}`);
  }

  #place(key: string): string {
    if (!key.startsWith(this.#root)) throw new Error(`key ${key} does not begin with ${this.#root}`);
    return this.#prefix + key.slice(this.#root.length);
  }
}

/** The smallest key that sorts behind all that start with `prefix`; a zero byte means the end of all keys to etcd. */
function endOf(prefix: string): Buffer {
  const end = Buffer.from(prefix);
  if (end.length === 0) return Buffer.from(zero);
  // UTF-8 has no byte 0xff.
  end[end.length - 1]!++;
  return end;
}
