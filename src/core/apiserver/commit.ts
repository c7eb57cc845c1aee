/** The one way into the store: conditions and the write in one transaction, answered once the cache shows it. */
import type { KubeObject } from '../api/object.ts';
import type { Compare, KeyValue, Op } from '../store/store.ts';
import type { Context } from './context.ts';
import { type AnyKind, Entry, encode } from './entry.ts';
import { storeProblem } from './store-problem.ts';

export interface Write {
  readonly kind: AnyKind;
  readonly key: string;
  /** The entry to replace or delete; undefined to create. */
  readonly before: Entry | undefined;
  /** What else must still hold. */
  readonly compare?: readonly Compare[];
}

export type Committed =
  | { readonly done: true; readonly entry: Entry }
  /** Nothing was written: a condition did not hold. `found` is what the key holds instead. */
  | { readonly done: false; readonly found: KeyValue | undefined };

export async function put(context: Context, write: Write, object: KubeObject): Promise<Committed> {
  const { kind, key } = write;
  const value = encode(object);
  const ttlSeconds = kind.ttlSeconds?.(object);
  const op = { type: 'put' as const, key, value, ...(ttlSeconds !== undefined && { ttlSeconds }) };
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

async function transact(context: Context, { key, before, compare = [] }: Write, op: Op) {
  const unchanged: Compare = { key, target: 'mod', is: '=', value: before?.revision ?? 0 };
  const begun = performance.now();
  try {
    const result = await context.store.txn({
      compare: [unchanged, ...compare],
      then: [op],
      else: [{ type: 'get', key }],
    });
    context.metrics.commits.observe((performance.now() - begun) / 1000);
    const wait = context.cache.reached(result.revision);
    if (wait) await wait;
    return result;
  } catch (error) {
    throw storeProblem(error);
  }
}
