import type { ApiRequest } from '../../api/request.ts';
import { expired, notFound } from '../../api/status.ts';
import { type Answer, ok } from '../answer.ts';
import { rangeAt } from '../at-revision.ts';
import type { Context } from '../context.ts';
import { canonical, Entry } from '../entry.ts';
import type { Resource } from '../resource.ts';
import { notOlderThan, parseRevision } from '../revision.ts';

/** From the cache, without a turn of the event loop unless a revision has to be waited for. */
export function get(context: Context, request: ApiRequest): Answer | Promise<Answer> {
  const { resourceVersion, resourceVersionMatch } = request.options ?? {};
  const revision = parseRevision(resourceVersion);
  if (revision && resourceVersionMatch === 'Exact') return getAt(context, request, revision);
  const wait = revision ? notOlderThan(context, revision) : undefined;
  const read = () => ok(entryOf(context, request), request.kind);
  return wait ? wait.then(read) : read();
}

/** The object the request names; NotFound when there is none. */
export function entryOf({ cache }: Context, { kind, namespace, name = '' }: ApiRequest): Entry {
  const resource = cache.resource(kind);
  const entry = resource.get(resource.key(namespace, name));
  if (!entry) throw notFound(kind, name);
  return entry;
}

/** The object as it was at one revision: what kube-apiserver has for lists only. */
async function getAt(context: Context, { kind, namespace, name = '' }: ApiRequest, revision: number): Promise<Answer> {
  const resource = context.cache.resource(kind);
  const entry = await objectAt(context, resource, resource.key(namespace, name), revision);
  if (!entry) throw notFound(kind, name);
  return ok(entry, kind);
}

export async function objectAt(
  context: Context,
  { kind }: Resource,
  key: string,
  revision: number,
): Promise<Entry | undefined> {
  // Of all keys that begin with it, the key itself comes first.
  const tooOld = () => expired('The resourceVersion for the provided object is too old.');
  const { kvs } = await rangeAt(context, { prefix: key, limit: 1, revision }, tooOld);
  const [kv] = kvs;
  const value = kv?.key === key ? canonical(kind, kv.value) : undefined;
  return value && new Entry(kind, key, value, kv!.modRevision);
}
