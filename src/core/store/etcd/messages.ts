/** The contract's requests and answers as etcd's messages, and back. Numbers of 64 bits are text there. */
import type { ICompare, IEvent, IKeyValue, IRequestOp, IResponseOp, ITxnRequest, ITxnResponse } from 'etcd3';
import type { Compare, KeyValue, Op, OpResult, StoreEvent, Txn } from '../store.ts';
import type { Keyspace } from './keyspace.ts';
import { expiryOf } from './leases.ts';

const targets = { mod: 'Mod', create: 'Create', version: 'Version' } as const;
const results = { '=': 'Equal', '!=': 'NotEqual', '<': 'Less', '>': 'Greater' } as const;

/** `leases` has one for each lifetime that the transaction's puts name. */
export function toTxn(txn: Txn, keyspace: Keyspace, leases: ReadonlyMap<number, string>): ITxnRequest {
  const toOps = (ops: readonly Op[]) => ops.map((op) => toOp(op, keyspace, leases));
  return {
    compare: (txn.compare ?? []).map((compare) => toCompare(compare, keyspace)),
    success: toOps(txn.then),
    failure: toOps(txn.else ?? []),
  };
}

function toCompare({ key, target, is, value }: Compare, keyspace: Keyspace): ICompare {
  const number = String(value);
  const operand =
    target === 'mod'
      ? { mod_revision: number }
      : target === 'create'
        ? { create_revision: number }
        : { version: number };
  return { key: keyspace.toEtcd(key), target: targets[target], result: results[is], ...operand } as ICompare;
}

function toOp(op: Op, keyspace: Keyspace, leases: ReadonlyMap<number, string>): IRequestOp {
  switch (op.type) {
    case 'get':
      return { request_range: { key: keyspace.toEtcd(op.key) } };
    case 'put': {
      const lease = op.ttlSeconds === undefined ? '0' : leases.get(op.ttlSeconds)!;
      return { request_put: { key: keyspace.toEtcd(op.key), value: op.value, lease } };
    }
    case 'delete':
      return { request_delete_range: { key: keyspace.toEtcd(op.key), prev_kv: true } };
    case 'deletePrefix':
      return { request_delete_range: keyspace.range(op.prefix) };
  }
}

/** The operations that were carried out, each with etcd's answer. */
export function answered(txn: Txn, { succeeded, responses }: ITxnResponse): { op: Op; answer: IResponseOp }[] {
  return (succeeded ? txn.then : (txn.else ?? [])).map((op, i) => ({ op, answer: responses[i]! }));
}

/** Whether the transaction has made a revision. */
export function hasWritten({ op, answer }: { op: Op; answer: IResponseOp }): boolean {
  return op.type === 'put' || Number(answer.response_delete_range?.deleted ?? 0) > 0;
}

/** `written` has what the puts have become, of which etcd's answer says nothing. */
export function toResult(op: Op, answer: IResponseOp, keyspace: Keyspace, written: Map<string, KeyValue>): OpResult {
  switch (op.type) {
    case 'get':
      return { kv: found(answer.response_range.kvs, keyspace) };
    case 'put':
      return { kv: written.get(op.key) };
    case 'delete':
      return { kv: found(answer.response_delete_range.prev_kvs, keyspace) };
    case 'deletePrefix':
      return { deleted: Number(answer.response_delete_range.deleted) };
  }
}

const found = ([kv]: readonly IKeyValue[], keyspace: Keyspace) => kv && toKeyValue(kv, keyspace);

/** Undefined for marks. */
export function toKeyValue(kv: IKeyValue, keyspace: Keyspace): KeyValue | undefined {
  const key = keyspace.fromEtcd(kv.key);
  if (key === undefined) return undefined;
  const expiresAt = expiryOf(kv.lease);
  return {
    key,
    // A copy: what was received is a piece of a message that would be kept whole.
    value: Buffer.from(kv.value),
    createRevision: Number(kv.create_revision),
    modRevision: Number(kv.mod_revision),
    version: Number(kv.version),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}

/** Undefined for marks. */
export function toEvent({ type, kv, prev_kv }: IEvent, keyspace: Keyspace): StoreEvent | undefined {
  const prev = prev_kv ? toKeyValue(prev_kv, keyspace) : undefined;
  if (type === 'Put') {
    const put = toKeyValue(kv, keyspace);
    return put && { type: 'put', kv: put, prev };
  }
  const key = keyspace.fromEtcd(kv.key);
  return key === undefined ? undefined : { type: 'delete', key, modRevision: Number(kv.mod_revision), prev };
}
