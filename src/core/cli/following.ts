/** Waiting for objects: `delete`, `stop` and `wait` watch until what they were asked for has happened. */
import type { Kind } from '../api/kind.ts';
import type { KubeObject } from '../api/object.ts';
import type { Connection } from './connection.ts';
import type { Context } from './context.ts';
import { TimeoutError } from './errors.ts';
import { follow } from './listing.ts';

export type Seen = ReadonlyMap<string, KubeObject>;

export interface Followed {
  // biome-ignore lint/suspicious/noExplicitAny: kinds of every type are followed
  kind: Kind<any>;
  namespace: string;
  /** One name is watched alone; for several, the whole collection. */
  names: readonly string[];
}

export interface Limits {
  /** No end when undefined. */
  timeoutMs: number | undefined;
  /** What the user is told when time is up. */
  late: (seen: Seen) => string;
}

/** Resolves when `done` says so about the objects that are there, by name. Throws a TimeoutError when time is up. */
export async function watchUntil(
  { api, context }: { api: Connection; context: Context },
  { kind, namespace, names }: Followed,
  done: (seen: Seen) => boolean,
  { timeoutMs, late }: Limits,
): Promise<void> {
  const alarm = new AbortController();
  const timer = timeoutMs === undefined ? undefined : context.clock.after(timeoutMs, () => alarm.abort());
  const signal = AbortSignal.any([context.signal, alarm.signal]);
  const seen = new Map<string, KubeObject>();
  const query = { kind, namespace, ...(names.length === 1 ? { fieldSelector: `metadata.name=${names[0]}` } : {}) };
  try {
    for await (const event of follow(api, query, {}, signal)) {
      if (event.type === 'LIST') {
        seen.clear();
        for (const object of (event.answer as { items: KubeObject[] }).items) seen.set(nameOf(object), object);
      } else if (event.type === 'DELETED') seen.delete(nameOf(event.object));
      else seen.set(nameOf(event.object), event.object);
      if (done(seen)) return;
    }
  } catch (error) {
    if (!alarm.signal.aborted || context.signal.aborted) throw error;
    throw new TimeoutError(late(seen));
  } finally {
    timer?.cancel();
  }
}

const nameOf = ({ metadata }: KubeObject): string => metadata.name ?? '';
