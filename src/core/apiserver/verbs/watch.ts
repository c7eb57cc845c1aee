import type { ApiRequest } from '../../api/request.ts';
import type { Context } from '../context.ts';
import { parseRevision, validateListOptions } from '../revision.ts';
import { selectionOf } from '../selection.ts';
import { tooOld } from '../watch/history.ts';
import type { Watcher } from '../watch/watcher.ts';
import { requireVerb } from './supported.ts';

/** Opens a watch; what happens from this moment on reaches it. */
export function watch({ cache, hub, store }: Context, request: ApiRequest): Watcher {
  requireVerb(request);
  validateListOptions(request);
  const { kind, options = {} } = request;
  const resource = cache.resource(kind);
  const selection = selectionOf(resource, request);
  const revision = parseRevision(options.resourceVersion);
  const initial = options.sendInitialEvents;
  const fromNow = initial === false && !revision;
  const after = initial || (!revision && !fromNow) ? undefined : revision || cache.revision;
  if (after !== undefined && after < store.compactedRevision) throw tooOld(after, store.compactedRevision);
  return hub.open(resource, selection, {
    after,
    markInitialEnd: initial === true && options.allowWatchBookmarks === true,
    bookmarks: options.allowWatchBookmarks === true,
    timeoutSeconds: options.timeoutSeconds,
  });
}
