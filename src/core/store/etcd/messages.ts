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
      // The value before tells creation and version of the new one.
      return { request_put: { key: keyspace.toEtcd(op.key), value: op.value, lease, prev_kv: true } };
    }
    case 'delete':
      return { request_delete_range: { key: keyspace.toEtcd(op.key), prev_kv: true } };
    case 'deletePrefix':
      return { request_delete_range: keyspace.range(op.prefix) };
  }
}

export interface Answer {
  succeeded: boolean;
  revision: number;
  results: OpResult[];
  /** Whether the revision is this transaction's own. */
  wrote: boolean;
}

export function fromTxn(txn: Txn, request: ITxnRequest, response: ITxnResponse, keyspace: Keyspace): Answer {
  const { succeeded } = response;
  const revision = Number(response.header.revision);
  const [ops, sent] = succeeded ? [txn.then, request.success] : [txn.else ?? [], request.failure];
  let wrote = false;
  const results = ops.map((op, i): OpResult => {
    const answer = response.responses[i]!;
    if (op.type === 'put') wrote = true;
    if (Number(answer.response_delete_range?.deleted ?? 0) > 0) wrote = true;
    return fromOp(op, sent![i]!, answer, revision, keyspace);
  });
  return { succeeded, revision, results, wrote };
}

function fromOp(op: Op, sent: IRequestOp, answer: IResponseOp, revision: number, keyspace: Keyspace): OpResult {
  switch (op.type) {
    case 'get':
      return { kv: found(answer.response_range.kvs, keyspace) };
    case 'put': {
      const prev = answer.response_put.prev_kv as IKeyValue | null;
      const expiresAt = expiryOf(String(sent.request_put!.lease));
      return {
        kv: {
          key: op.key,
          value: op.value,
          createRevision: prev ? Number(prev.create_revision) : revision,
          modRevision: revision,
          version: prev ? Number(prev.version) + 1 : 1,
          ...(expiresAt !== undefined && { expiresAt }),
        },
      };
    }
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
