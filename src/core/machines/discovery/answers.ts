/**
 * The bodies of etcd's keys API (v2), which a discovery service speaks: members of JSON in etcd's order, errors by
 * number. Pure.
 */
import type { KeyValue } from '../../store/store.ts';

export interface Node {
  key: string;
  value?: string;
  dir?: true;
  expiration?: string;
  ttl?: number;
  nodes?: Node[];
  modifiedIndex: number;
  createdIndex: number;
}

export type Action = 'get' | 'create' | 'set' | 'update' | 'delete' | 'expire';

export interface Answer {
  action: Action;
  node: Node;
  prevNode?: Node;
}

/** What the store keeps for a key. */
export interface Entry {
  value: string;
  /** What wrote it, for those who wait for it. */
  action: 'create' | 'set' | 'update';
  /** Where that is not the index of the last write. */
  createdIndex?: number;
}

export const encode = (entry: Entry): Buffer => Buffer.from(JSON.stringify(entry));
export const decode = ({ value }: KeyValue): Entry => JSON.parse(value.toString()) as Entry;

export function nodeOf(kv: KeyValue, now: number): Node {
  const { value, createdIndex = kv.modRevision } = decode(kv);
  const expiry = kv.expiresAt !== undefined && {
    expiration: new Date(kv.expiresAt).toISOString(),
    ttl: Math.ceil((kv.expiresAt - now) / 1000),
  };
  return { key: kv.key, value, ...expiry, modifiedIndex: kv.modRevision, createdIndex };
}

/** A node that is gone has no value, and the index it was created at. */
export function goneNode(prev: Node, index: number): Node {
  return { key: prev.key, modifiedIndex: index, createdIndex: prev.createdIndex };
}

const errors = {
  100: { status: 404, message: 'Key not found' },
  102: { status: 403, message: 'Not a file' },
  105: { status: 412, message: 'Key already exists' },
  202: { status: 400, message: 'The given TTL in POST form is not a number' },
  203: { status: 400, message: 'The given index in POST form is not a number' },
  209: { status: 400, message: 'Invalid field' },
} as const;

/** `index` is 0 when the request was wrong in itself. */
export class KeysError extends Error {
  readonly status: number;
  readonly body: string;
  readonly index: number;

  constructor(errorCode: keyof typeof errors, cause: string, index = 0) {
    const { status, message } = errors[errorCode];
    super(`${errorCode}: ${message} (${cause})`);
    this.status = status;
    this.index = index;
    this.body = `${JSON.stringify({ errorCode, message, cause, index })}\n`;
  }
}
