import type { KubeObject, Stored } from '../../api/object.ts';
import type { ApiRequest, RequestOptions } from '../../api/request.ts';
import { conflict, isNotFound, modified } from '../../api/status.ts';
import { timestamp } from '../../api/time.ts';
import { admitted } from '../admission/plugin.ts';
import { type Answer, ok, success } from '../answer.ts';
import { type Committed, put, remove } from '../commit.ts';
import type { Context } from '../context.ts';
import type { AnyKind, Entry } from '../entry.ts';
import { isHeld, withPropagation } from '../finalizers.ts';
import { joinItems } from '../items.ts';
import { canonicalMeta } from '../metadata.ts';
import { selectionOf } from '../selection.ts';
import { entryOf } from './get.ts';

const attemptsMax = 5;

export async function deleteOne(context: Context, request: ApiRequest): Promise<Answer> {
  const { kind, name = '' } = request;
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const before = entryOf(context, request);
    const result = await tryDelete(context, request, before);
    if (!result) continue;
    // Accepted, for those who asked in the old way; everybody else is told by the object itself that it is still there.
    if (result.pending && request.options?.orphanDependents === false) return { ...ok(result.entry, kind), code: 202 };
    if (result.pending || kind.deleteAnswersObject) return ok(result.entry, kind);
    const { uid } = before.object.metadata;
    return success(200, { details: { name, ...(kind.group && { group: kind.group }), kind: kind.plural, uid } });
  }
  throw modified(kind, name);
}

/** Deletes what is selected, in one turn, and answers the list of it. */
export async function deleteCollection(context: Context, request: ApiRequest): Promise<Answer> {
  const { kind, options = {} } = request;
  const resource = context.cache.resource(kind);
  const selected = selectionOf(resource, request).entries(resource);
  const { preconditions: _, ...each } = options;
  const outcomes = await Promise.allSettled(
    selected.map(({ object: { metadata } }) => {
      const { namespace, name } = metadata;
      return deleteOne(context, { verb: 'delete', kind, namespace, name, options: each });
    }),
  );
  for (const outcome of outcomes) {
    // What others deleted meanwhile is gone as was wished.
    if (outcome.status === 'rejected' && !isNotFound(outcome.reason)) throw outcome.reason;
  }
  const metadata = { resourceVersion: String(context.cache.revision) };
  return { type: 'list', kind, metadata, entries: selected, items: () => joinItems(selected), code: 200, warnings: [] };
}

interface Deleted {
  readonly entry: Entry;
  /** It is still there, with its end in sight. */
  readonly pending: boolean;
}

/** Undefined when the object changed meanwhile. */
async function tryDelete(context: Context, request: ApiRequest, before: Entry): Promise<Deleted | undefined> {
  const { kind, namespace, name = '', options = {} } = request;
  checkPreconditions(kind, before.object, options);
  const old = withPropagation(kind, before.object, options.propagationPolicy);
  const asked = { verb: 'delete' as const, kind, namespace, name, object: undefined, old };
  return admitted(context, context.admission, asked, async ({ compare, guards }) => {
    const write = { request, kind, key: before.key, before, compare, guards };
    const grace = graceSeconds(kind, old, options);
    if (grace === 0 && !isHeld(kind, old)) {
      if (options.dryRun) return { entry: before, pending: false };
      return outcome(await remove(context, write), false);
    }
    const marked = markDeleted(context, kind, old, grace);
    if (!marked || options.dryRun) return { entry: before, pending: true };
    return outcome(await put(context, write, marked), true);
  });
}

const outcome = (result: Committed, pending: boolean): Deleted | undefined =>
  result.done ? { entry: result.entry, pending } : undefined;

function checkPreconditions(kind: AnyKind, { metadata }: Stored, { preconditions = {} }: RequestOptions): void {
  const check = (what: string, wanted: string | undefined, actual: string) => {
    if (wanted === undefined || wanted === actual) return;
    const why = `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${actual}). The object might have been ${what === 'UID' ? 'deleted and then recreated' : 'modified'}`;
    // The original names the kind here, not the resource.
    throw conflict({ plural: kind.kind, group: kind.group }, metadata.name, why);
  };
  check('UID', preconditions.uid, metadata.uid);
  check('ResourceVersion', preconditions.resourceVersion, metadata.resourceVersion);
}

function graceSeconds(kind: AnyKind, old: Stored, { gracePeriodSeconds: asked }: RequestOptions): number {
  return kind.gracePeriodSeconds?.(old, asked !== undefined && asked < 0 ? 1 : asked) ?? 0;
}

/** The object with its end set; undefined when it is set already and no sooner end is asked for. */
function markDeleted({ clock }: Context, kind: AnyKind, old: Stored, grace: number): KubeObject | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, generation } = old.metadata;
  if (deletionTimestamp && deletionGracePeriodSeconds <= grace) return undefined;
  const begun = deletionTimestamp ? Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000 : clock.now();
  const end = Math.max(begun + grace * 1000, clock.now());
  const metadata = canonicalMeta({
    ...old.metadata,
    ...(generation && !deletionTimestamp && { generation: generation + 1 }),
    deletionTimestamp: timestamp(end),
    deletionGracePeriodSeconds: grace,
  });
  const marked = { ...old, metadata };
  if (!kind.subresources.includes('finalize')) return marked;
  return { ...marked, status: { ...(old as { status?: object }).status, phase: 'Terminating' } } as KubeObject;
}
