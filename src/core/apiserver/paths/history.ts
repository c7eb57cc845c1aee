/** /kubecfg/history: what happened to one object, as far as the store's history reaches. */
import type { ObjectHistory } from '../../api/history.ts';
import { kindByWord } from '../../api/kinds/index.ts';
import { badRequest, noSuchResource, notFound } from '../../api/status.ts';
import { timestamp } from '../../api/time.ts';
import { upToDate } from '../confirm.ts';
import type { Context } from '../context.ts';
import type { Discovery } from '../discovery.ts';
import type { Resource } from '../resource.ts';
import { selectionOf } from '../selection.ts';
import { objectAt } from '../verbs/get.ts';
import { readHistory } from '../watch/history.ts';

/** `?resource=pods&namespace=default&name=web` */
export function addHistory(discovery: Discovery, context: Context): void {
  discovery.add('/kubecfg/history', async (_path, query) => {
    const name = query.get('name');
    const kind = kindByWord(query.get('resource') ?? '');
    if (!kind) throw noSuchResource();
    if (!name) throw badRequest('name: the object whose history is asked for');
    const namespace = kind.namespaced ? (query.get('namespace') ?? 'default') : undefined;
    const history = await historyOf(context, context.cache.resource(kind), namespace, name);
    if (!history.before && history.changes.length === 0) throw notFound(kind, name);
    return { body: history };
  });
}

async function historyOf(
  context: Context,
  resource: Resource,
  namespace: string | undefined,
  name: string,
): Promise<ObjectHistory> {
  const { store, cache } = context;
  await upToDate(context);
  const { kind } = resource;
  const [from, revision] = [store.compactedRevision, cache.revision];
  const selection = selectionOf(resource, { verb: 'watch', kind, namespace, name });
  const before = from > 0 ? await objectAt(context, resource, resource.key(namespace, name), from) : undefined;
  const { items } = readHistory({
    store,
    kind,
    prefix: resource.key(namespace, name),
    after: from,
    upTo: revision,
    itemsMax: Number.POSITIVE_INFINITY,
    selection,
  });
  const changes = (await items).map(({ type, payload }) => {
    const object = payload.object as ObjectHistory['changes'][number]['object'];
    const at = Number(object.metadata.resourceVersion);
    const time = cache.timeline.timeOf(at);
    return {
      revision: at,
      type: type as ObjectHistory['changes'][number]['type'],
      ...(time !== undefined && { time: timestamp(time) }),
      object,
    };
  });
  return { from, revision, before: before?.object ?? null, changes };
}
