/**
 * One stored object: the bytes of the store, and what is made of them: the decoded object and the bytes that answers
 * carry. The stored bytes are the sent bytes: `{"kind":"Pod","apiVersion":"v1","metadata":{…` gets its resourceVersion
 * spliced in behind the first brace of metadata, a place that is the same for all objects of a kind.
 */
import { decodeObject } from '../api/decode.ts';
import type { Kind } from '../api/kind.ts';
import type { KubeObject, Stored } from '../api/object.ts';
import { LastUsed } from './last-used.ts';

// biome-ignore lint/suspicious/noExplicitAny: the engine handles objects of every kind with the same code
export type AnyKind = Kind<any>;

/** What an answer or a watch event carries: an object, and the same as JSON. */
export interface Payload {
  readonly object: KubeObject;
  readonly wire: Buffer;
}

type Labels = Readonly<Record<string, string>>;

/** Decoded, an object takes several times the memory of its bytes: of all objects only those read last stay so. */
const lastRead = new LastUsed<Entry>(4 * 1024 * 1024);
/** Entries made in this turn of the event loop out of objects that were at hand. */
const fresh: Entry[] = [];

export class Entry implements Payload {
  readonly kind: AnyKind;
  readonly key: string;
  /** The stored bytes: canonical JSON without resourceVersion. */
  readonly value: Buffer;
  readonly revision: number;
  /** Frozen when it is first read. */
  #object: KubeObject | undefined;
  #labels: Labels | undefined;
  #readIn = -1;

  /** Whoever hears of a write does so in its turn; an object that nobody read in it is not kept. */
  constructor(kind: AnyKind, key: string, value: Buffer, revision: number, object = takeEncoded(value)) {
    this.kind = kind;
    this.key = key;
    this.value = value;
    this.revision = revision;
    if (!object) return;
    this.#object = object;
    this.#labels = object.metadata.labels;
    if (fresh.push(this) === 1) setImmediate(forgetUnread);
  }

  /** Shared with everyone and frozen. */
  get object(): Stored {
    if (this.#readIn !== lastRead.generation) {
      this.#readIn = lastRead.generation;
      lastRead.use(this, this.value.length);
    }
    this.#object ??= JSON.parse(this.value.toString()) as KubeObject;
    return finished(this.#object, this.revision);
  }

  /** At hand without the object, once they were looked at: selectors ask many objects for nothing else. */
  get labels(): Labels {
    this.#labels ??= this.object.metadata.labels ?? none;
    return this.#labels;
  }

  /** Made each time: copying is cheap, and keeping them would double the memory of all that was ever read. */
  get wire(): Buffer {
    const head = headOf(this.kind);
    const version = versionOf(this.revision);
    const wire = Buffer.allocUnsafe(this.value.length + version.length);
    head.copy(wire);
    wire.write(version, head.length, 'latin1');
    this.value.copy(wire, head.length + version.length, head.length);
    return wire;
  }

  /** The same content under another revision: how a watch shows an object that went away. */
  at(revision: number): Entry {
    const { object } = this;
    const metadata = Object.freeze({ ...object.metadata, resourceVersion: String(revision) });
    return new Entry(this.kind, this.key, this.value, revision, Object.freeze({ ...object, metadata }));
  }

  get read(): boolean {
    return this.#readIn >= 0;
  }

  /** It can be made again. */
  forget(): void {
    this.#object = undefined;
  }
}
const none: Labels = Object.freeze({});

const heads = new WeakMap<AnyKind, Buffer>();

/** `{"kind":"Pod","apiVersion":"v1","metadata":{` */
function headOf(kind: AnyKind): Buffer {
  let head = heads.get(kind);
  if (!head) {
    head = Buffer.from(`{"kind":"${kind.kind}","apiVersion":"${kind.apiVersion}","metadata":{`);
    heads.set(kind, head);
  }
  return head;
}

const versionOf = (revision: number) => `"resourceVersion":"${revision}",`;

/** An entry as an item of a list: the wire form without kind and apiVersion, which items do not carry. */
export function itemLength({ kind, value, revision }: Entry): number {
  return itemHead.length + versionOf(revision).length + value.length - headOf(kind).length;
}

/** Returns where it ends. */
export function writeItem({ kind, value, revision }: Entry, out: Buffer, start: number): number {
  let at = start + itemHead.copy(out, start);
  at += out.write(versionOf(revision), at, 'latin1');
  return at + value.copy(out, at, headOf(kind).length);
}
const itemHead = Buffer.from('{"metadata":{');

/** Objects just encoded, by their bytes: the cache gets them back with the store's event and need not parse them. */
const encoded = new WeakMap<Buffer, KubeObject>();

/** The bytes to store. `object` must be decoded (members in schema order), and belongs to the cache from now on. */
export function encode(object: KubeObject): Buffer {
  object.metadata.resourceVersion = undefined;
  const value = ownBytes(JSON.stringify(object));
  encoded.set(value, object);
  return value;
}

/** Not out of Node's common pool, of which a slab stays as long as anything in it: these bytes stay for long. */
function ownBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

function takeEncoded(value: Buffer): KubeObject | undefined {
  const object = encoded.get(value);
  encoded.delete(value);
  return object;
}

function forgetUnread(): void {
  for (const entry of fresh.splice(0)) if (!entry.read) entry.forget();
}

function finished(object: KubeObject, revision: number): Stored {
  if (Object.isFrozen(object)) return object as Stored;
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
  const head = headOf(kind);
  if (value.subarray(0, head.length).equals(head)) return value;
  try {
    const { object } = decodeObject(kind, JSON.parse(value.toString()), 'Ignore');
    return object.metadata.name ? encode(object) : undefined;
  } catch {
    return undefined;
  }
}
