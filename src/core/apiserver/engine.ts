/** From a request to an answer: which function does it. Written once for all kinds. */
import type { Subresource } from '../api/kind.ts';
import { Binding, ComponentStatus } from '../api/kinds/index.ts';
import type { ApiRequest } from '../api/request.ts';
import { methodNotAllowed, noSuchResource } from '../api/status.ts';
import type { Answer } from './answer.ts';
import { upToDate } from './confirm.ts';
import type { Context } from './context.ts';
import { untilDecided } from './overtaken.ts';
import { bind } from './verbs/bind.ts';
import { componentStatuses } from './verbs/component-status.ts';
import { create } from './verbs/create.ts';
import { deleteCollection, deleteOne } from './verbs/delete.ts';
import { evict } from './verbs/evict.ts';
import { get } from './verbs/get.ts';
import { list } from './verbs/list.ts';
import { patch } from './verbs/patch.ts';
import { review } from './verbs/review.ts';
import { getScale, patchScale, updateScale } from './verbs/scale.ts';
import { requireVerb } from './verbs/supported.ts';
import { update } from './verbs/update.ts';

type Handler = (context: Context, request: ApiRequest) => Answer | Promise<Answer>;

/** Watches, logs and relays are streams: see verbs/watch.ts, verbs/log.ts and relays/. */
const verbs: { [verb in Exclude<ApiRequest['verb'], 'watch'>]: Handler } = {
  get,
  list,
  create,
  update,
  patch,
  delete: deleteOne,
  deletecollection: deleteCollection,
};

/** What each subresource can do. */
const subresources: Record<Subresource, Partial<Record<ApiRequest['verb'], Handler>>> = {
  status: { get, update, patch },
  finalize: { update },
  scale: { get: getScale, update: updateScale, patch: patchScale },
  binding: { create: bind },
  eviction: { create: evict },
  log: {},
  proxy: {},
};

/** Answers at once when nothing has to be written or waited for. Throws, or rejects with, ApiError. */
export function handle(context: Context, request: ApiRequest): Answer | Promise<Answer> {
  if (!context.guards && !request.options?.term) return answer(context, request);
  const decide = () => untilDecided(request, () => answer(context, request));
  const wait = upToDate(context, request.options);
  return wait ? wait.then(decide) : decide();
}

function answer(context: Context, request: ApiRequest): Answer | Promise<Answer> {
  const { kind, verb, subresource } = request;
  if (subresource) {
    if (!kind.subresources.includes(subresource)) throw noSuchResource();
    const handler = subresources[subresource][verb];
    if (!handler) throw methodNotAllowed();
    return handler(context, request);
  }
  requireVerb(request);
  if (kind.review) return review(request);
  if (kind === Binding) return bind(context, request);
  if (kind === ComponentStatus) return componentStatuses(context, request);
  if (verb === 'watch') throw new Error('a watch is a stream');
  return verbs[verb](context, request);
}
