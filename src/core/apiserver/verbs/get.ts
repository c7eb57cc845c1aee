import type { ApiRequest } from '../../api/request.ts';
import { notFound } from '../../api/status.ts';
import { type Answer, ok } from '../answer.ts';
import type { Context } from '../context.ts';
import type { Entry } from '../entry.ts';
import { notOlderThan, parseRevision } from '../revision.ts';

/** From the cache, without a turn of the event loop unless a revision has to be waited for. */
export function get(context: Context, request: ApiRequest): Answer | Promise<Answer> {
  const revision = parseRevision(request.options?.resourceVersion);
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
