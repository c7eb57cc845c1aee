/** The one way into the store: conditions and the write in one transaction, answered once the cache shows it. */
import type { KubeObject } from '../api/object.ts';
import type { ApiRequest } from '../api/request.ts';
import type { Compare, KeyValue, Op, OpResult } from '../store/store.ts';
import type { Context } from './context.ts';
import { type AnyKind, Entry, encode } from './entry.ts';
import { withinTerm } from './fence.ts';
import { type Guard, move, unmoved } from './guards.ts';
import { Overtaken } from './overtaken.ts';
import { storeProblem } from './store-problem.ts';

export interface Write {
  /** What asks for it. */
  readonly request: Pick<ApiRequest, 'options'>;
  readonly kind: AnyKind;
  readonly key: string;
  /** The entry to replace or delete; undefined to create. */
  readonly before: Entry | undefined;
  /** What else must still hold. */
  readonly compare?: readonly Compare[];
  /** What it was decided on together with writes of other servers. */
  readonly guards?: readonly Guard[];
}

export type Committed =
  | { readonly done: true; readonly entry: Entry }
  /** Nothing was written: a condition did not hold. `found` is what the key holds instead. */
  | { readonly done: false; readonly found: KeyValue | undefined };

export async function put(context: Context, write: Write, object: KubeObject): Promise<Committed> {
  const { kind, key } = write;
  const value = encode(object);
  const op = { type: 'put' as const, key, value, ...(kind.expires && { ttlSeconds: context.eventTtlSeconds }) };
  const { succeeded, revision, results } = await transact(context, write, op);
  if (!succeeded) return { done: false, found: results[0]?.kv };
  const shown = context.cache.resource(kind).get(key);
  // Another write may have followed before this one was answered.
  const entry = shown?.revision === revision ? shown : new Entry(kind, key, value, revision);
  return { done: true, entry };
}

export async function remove(context: Context, write: Write & { before: Entry }): Promise<Committed> {
  const { key, before } = write;
  const { succeeded, revision, results } = await transact(context, write, { type: 'delete', key });
  return succeeded ? { done: true, entry: before.at(revision) } : { done: false, found: results[0]?.kv };
}

async function transact(context: Context, write: Write, op: Op) {
  const { key, before, compare = [], guards = [] } = write;
  const { term } = write.request.options ?? {};
  const unchanged: Compare = { key, target: 'mod', is: '=', value: before?.revision ?? 0 };
  const others = [...guards.map(unmoved), ...(term ? [withinTerm(context.cache, term)] : [])];
  const begun = performance.now();
  try {
    const result = await context.store.txn({
      compare: [unchanged, ...compare, ...others],
      then: [op, ...guards.map((guard) => move(guard, key))],
      else: [{ type: 'get', key }, ...others.map((other) => ({ type: 'get' as const, key: other.key }))],
    });
    context.metrics.commits.observe((performance.now() - begun) / 1000);
    const wait = context.cache.reached(result.revision);
    if (wait) await wait;
    if (!result.succeeded && others.length > 0) requireUnchanged(others, result.results.slice(1));
    return result;
  } catch (error) {
    if (error instanceof Overtaken) throw error;
    throw storeProblem(error);
  }
}

function requireUnchanged(compares: readonly Compare[], found: readonly OpResult[]): void {
  if (compares.some(({ value }, i) => (found[i]?.kv?.modRevision ?? 0) !== value)) throw new Overtaken();
}
