/** What a transaction comes to, given what it sees: pure, so that a batch can be decided before any of it is on disk. */
import type { Compare, KeyValue, Op, OpResult, StoreEvent, Txn } from '../store.ts';
import { checkKey } from './keys.ts';

/** The state a transaction is decided on: what is durable, and what accepted transactions will have made of it. */
export interface View {
  get(key: string): KeyValue | undefined;
  /** Keys that start with `prefix`, in order. */
  keys(prefix: string): string[];
}

export interface Decision {
  succeeded: boolean;
  results: OpResult[];
  events: StoreEvent[];
}

/** `revision` is the one that the transaction's writes get. Throws, with nothing changed, when the request is not valid. */
export function decide(txn: Txn, view: View, revision: number, now: number): Decision {
  checkOps(txn.then);
  if (txn.else) checkOps(txn.else);
  const succeeded = (txn.compare ?? []).every((compare) => holds(compare, view.get(compare.key)));
  const ops = succeeded ? txn.then : (txn.else ?? []);
  const events: StoreEvent[] = [];
  const written = new Map<string, KeyValue | undefined>();
  const get = (key: string) => (written.has(key) ? written.get(key) : view.get(key));

  function put(op: Op & { type: 'put' }): OpResult {
    const prev = get(op.key);
    if (!prev) checkKey(op.key);
    const kv: KeyValue = {
      key: op.key,
      value: op.value,
      createRevision: prev ? prev.createRevision : revision,
      modRevision: revision,
      version: prev ? prev.version + 1 : 1,
      ...(op.ttlSeconds !== undefined && { expiresAt: now + op.ttlSeconds * 1000 }),
    };
    written.set(op.key, kv);
    events.push({ type: 'put', kv, prev });
    return { kv };
  }

  function remove(key: string): KeyValue | undefined {
    const prev = get(key);
    if (!prev) return undefined;
    written.set(key, undefined);
    events.push({ type: 'delete', key, modRevision: revision, prev });
    return prev;
  }

  function apply(op: Op): OpResult {
    switch (op.type) {
      case 'get':
        return { kv: get(op.key) };
      case 'put':
        return put(op);
      case 'delete':
        return { kv: remove(op.key) };
      case 'deletePrefix':
        return { deleted: view.keys(op.prefix).filter(remove).length };
    }
  }

  return { succeeded, results: ops.map(apply), events };
}

function holds({ target, is, value }: Compare, kv: KeyValue | undefined): boolean {
  const actual = !kv ? 0 : target === 'mod' ? kv.modRevision : target === 'create' ? kv.createRevision : kv.version;
  switch (is) {
    case '=':
      return actual === value;
    case '!=':
      return actual !== value;
    case '<':
      return actual < value;
    case '>':
      return actual > value;
  }
}

/** etcd refuses a branch that writes a key twice (v3rpc/key.go, checkIntervals): its events could not be told apart. */
function checkOps(ops: readonly Op[]): void {
  if (ops.length < 2) return;
  const puts = new Set<string>();
  for (const op of ops) {
    if (op.type !== 'put') continue;
    if (puts.has(op.key)) throw new Error(`duplicate key given in txn request: ${op.key}`);
    puts.add(op.key);
  }
  if (puts.size === 0) return;
  for (const op of ops) {
    if (op.type === 'delete' && puts.has(op.key)) throw new Error(`duplicate key given in txn request: ${op.key}`);
    if (op.type !== 'deletePrefix') continue;
    for (const key of puts) {
      if (key.startsWith(op.prefix)) throw new Error(`duplicate key given in txn request: ${key}`);
    }
  }
}
