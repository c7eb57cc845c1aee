/** What a transaction comes to, given what it sees: pure, so that a batch can be decided before any of it is on disk. */
import { checkKey } from '../keys.ts';
import type { Compare, KeyValue, Op, OpResult, StoreEvent, Txn } from '../store.ts';

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
  const writes = new Writes(view, revision, now);
  const results = (succeeded ? txn.then : (txn.else ?? [])).map((op) => writes.apply(op));
  return { succeeded, results, events: writes.events };
}

/** What the operations of one branch do, one after another. */
class Writes {
  readonly events: StoreEvent[] = [];
  readonly #written = new Map<string, KeyValue | undefined>();
  readonly #view: View;
  readonly #revision: number;
  readonly #now: number;

  constructor(view: View, revision: number, now: number) {
    this.#view = view;
    this.#revision = revision;
    this.#now = now;
  }

  apply(op: Op): OpResult {
    switch (op.type) {
      case 'get':
        return { kv: this.#get(op.key) };
      case 'put':
        return { kv: this.#put(op.key, op.value, op.ttlSeconds) };
      case 'delete':
        return { kv: this.#delete(op.key) };
      case 'deletePrefix':
        return { deleted: this.#view.keys(op.prefix).filter((key) => this.#delete(key)).length };
    }
  }

  /** As the operations before have left it. */
  #get(key: string): KeyValue | undefined {
    return this.#written.has(key) ? this.#written.get(key) : this.#view.get(key);
  }

  #put(key: string, value: Buffer, ttlSeconds: number | undefined): KeyValue {
    const prev = this.#get(key);
    if (!prev) checkKey(key);
    const kv: KeyValue = {
      key,
      value,
      createRevision: prev ? prev.createRevision : this.#revision,
      modRevision: this.#revision,
      version: prev ? prev.version + 1 : 1,
      ...(ttlSeconds !== undefined && { expiresAt: this.#now + ttlSeconds * 1000 }),
    };
    this.#written.set(key, kv);
    this.events.push({ type: 'put', kv, prev });
    return kv;
  }

  #delete(key: string): KeyValue | undefined {
    const prev = this.#get(key);
    if (!prev) return undefined;
    this.#written.set(key, undefined);
    this.events.push({ type: 'delete', key, modRevision: this.#revision, prev });
    return prev;
  }
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
