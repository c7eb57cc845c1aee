/**
 * One stored object: the bytes of the store, and what is made of them at most once: the decoded object and the bytes
 * that answers carry. The stored bytes are the sent bytes: `{"kind":"Pod","apiVersion":"v1","metadata":{…` gets its
 * resourceVersion spliced in behind the first brace of metadata, a place that is the same for all objects of a kind.
 */
import { decodeObject } from '../api/decode.ts';
import type { Kind } from '../api/kind.ts';
import type { KubeObject, Stored } from '../api/object.ts';

// biome-ignore lint/suspicious/noExplicitAny: the engine handles objects of every kind with the same code
export type AnyKind = Kind<any>;

/** What an answer or a watch event carries: an object, and the same as JSON. */
export interface Payload {
  readonly object: KubeObject;
  readonly wire: Buffer;
}

export class Entry implements Payload {
  readonly kind: AnyKind;
  readonly key: string;
  /** The stored bytes: canonical JSON without resourceVersion. */
  readonly value: Buffer;
  readonly revision: number;
  #object: Stored | undefined;
  #wire: Buffer | undefined;

  constructor(kind: AnyKind, key: string, value: Buffer, revision: number, object?: Stored) {
    this.kind = kind;
    this.key = key;
    this.value = value;
    this.revision = revision;
    this.#object = object;
  }

  /** Shared with everyone and frozen. */
  get object(): Stored {
    this.#object ??= decode(this.value, this.revision);
    return this.#object;
  }

  get wire(): Buffer {
    this.#wire ??= splice(layoutOf(this.kind).head, this.value, this.revision);
    return this.#wire;
  }

  /** The same content under another revision: how a watch shows an object that went away. */
  at(revision: number): Entry {
    const { object } = this;
    const metadata = Object.freeze({ ...object.metadata, resourceVersion: String(revision) });
    return new Entry(this.kind, this.key, this.value, revision, Object.freeze({ ...object, metadata }));
  }
}

interface Layout {
  /** `{"kind":"Pod","apiVersion":"v1","metadata":{` */
  readonly head: Buffer;
  /** Bytes of `{"kind":"Pod","apiVersion":"v1",` */
  readonly typeLength: number;
}

const layouts = new WeakMap<AnyKind, Layout>();

function layoutOf(kind: AnyKind): Layout {
  let layout = layouts.get(kind);
  if (!layout) {
    const type = `{"kind":"${kind.kind}","apiVersion":"${kind.apiVersion}",`;
    layout = { head: Buffer.from(`${type}"metadata":{`), typeLength: type.length };
    layouts.set(kind, layout);
  }
  return layout;
}

function splice(head: Buffer, value: Buffer, revision: number): Buffer {
  const version = `"resourceVersion":"${revision}",`;
  const wire = Buffer.allocUnsafe(value.length + version.length);
  head.copy(wire);
  wire.write(version, head.length, 'latin1');
  value.copy(wire, head.length + version.length, head.length);
  return wire;
}

/** The members of a list's `items`: the wire forms without kind and apiVersion, which items of a list do not carry. */
export function joinItems(entries: readonly Entry[]): Buffer {
  const [first] = entries;
  if (!first) return Buffer.alloc(0);
  const { typeLength } = layoutOf(first.kind);
  let length = 0;
  for (const { wire } of entries) length += wire.length - typeLength + 2;
  const joined = Buffer.allocUnsafeSlow(length - 1);
  let at = 0;
  for (const { wire } of entries) {
    if (at > 0) joined[at++] = comma;
    joined[at++] = brace;
    at += wire.copy(joined, at, typeLength);
  }
  return joined;
}
const [comma, brace] = [0x2c, 0x7b];

/** Objects just encoded, by their bytes: the cache gets them back with the store's event and need not parse them. */
const encoded = new WeakMap<Buffer, KubeObject>();

/** The bytes to store. `object` must be decoded (members in schema order), and belongs to the cache from now on. */
export function encode(object: KubeObject): Buffer {
  object.metadata.resourceVersion = undefined;
  const value = Buffer.from(JSON.stringify(object));
  encoded.set(value, object);
  return value;
}

function decode(value: Buffer, revision: number): Stored {
  const object = encoded.get(value) ?? (JSON.parse(value.toString()) as KubeObject);
  encoded.delete(value);
  object.metadata.resourceVersion = String(revision);
  return deepFreeze(object) as Stored;
}

function deepFreeze<T extends object>(value: T): T {
  if (Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) if (typeof member === 'object' && member) deepFreeze(member);
  return value;
}

/**
 * The canonical form of stored bytes; undefined when they are no object of the kind. What this server wrote is canonical;
 * what an etcd user wrote by hand may have another order of members, or lack some.
 */
export function canonical(kind: AnyKind, value: Buffer): Buffer | undefined {
  const { head } = layoutOf(kind);
  if (value.subarray(0, head.length).equals(head)) return value;
  try {
    const { object } = decodeObject(kind, JSON.parse(value.toString()), 'Ignore');
    return object.metadata.name ? encode(object) : undefined;
  } catch {
    return undefined;
  }
}
