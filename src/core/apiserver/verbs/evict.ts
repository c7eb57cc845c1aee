/**
 * POST pods/NAME/eviction: deletes a pod, as `drain` asks for it. There are no disruption budgets here that could forbid
 * it, so it differs from a DELETE only in the condition that says why the pod goes.
 */
import { decodeObject } from '../../api/decode.ts';
import { Eviction } from '../../api/kinds/eviction.ts';
import type { Pod } from '../../api/kinds/index.ts';
import type { ApiRequest, RequestOptions } from '../../api/request.ts';
import { isFinished } from '../../api/states.ts';
import { timestamp } from '../../api/time.ts';
import type { DeleteOptions } from '../../api/types/meta.ts';
import { type Answer, success } from '../answer.ts';
import { put } from '../commit.ts';
import type { Context } from '../context.ts';
import { otherName } from '../metadata.ts';
import { deleteOne } from './delete.ts';
import { entryOf } from './get.ts';

/** The version of Kubernetes before 1.22, with the same fields. */
const older = 'policy/v1beta1';

export async function evict(context: Context, request: ApiRequest): Promise<Answer> {
  const { kind, namespace, name = '', body, duplicates, options = {} } = request;
  const { object } = decodeObject(Eviction, inThisVersion(body), options.fieldValidation ?? 'Warn', duplicates);
  const { metadata, deleteOptions = {} } = object;
  if (metadata.name && metadata.name !== name) throw otherName(metadata.name, name);
  const wishes = { ...options, ...wishesOf(deleteOptions) };
  if (!wishes.dryRun) await sayWhy(context, request);
  await deleteOne(context, { verb: 'delete', kind, namespace, name, options: wishes });
  return success(201, { code: 201 });
}

function inThisVersion(body: unknown): unknown {
  const { apiVersion } = (body ?? {}) as { apiVersion?: unknown };
  return apiVersion === older ? { ...(body as object), apiVersion: Eviction.apiVersion } : body;
}

function wishesOf(asked: DeleteOptions): RequestOptions {
  const { gracePeriodSeconds, propagationPolicy, preconditions, dryRun } = asked;
  const wishes: RequestOptions = {};
  if (gracePeriodSeconds !== undefined) wishes.gracePeriodSeconds = gracePeriodSeconds;
  if (propagationPolicy) wishes.propagationPolicy = propagationPolicy;
  const { uid, resourceVersion } = preconditions ?? {};
  if (uid || resourceVersion)
    wishes.preconditions = { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
  if (dryRun?.length) wishes.dryRun = true;
  return wishes;
}

/** A pod that runs learns why it has to go. That someone else changed it in this moment does not keep it here. */
async function sayWhy(context: Context, request: ApiRequest): Promise<void> {
  const before = entryOf(context, request);
  const pod = before.object as unknown as Pod;
  if (isFinished(pod) || pod.status.phase === 'Pending' || pod.metadata.deletionTimestamp) return;
  const condition = {
    type: 'DisruptionTarget',
    status: 'True' as const,
    lastProbeTime: null as unknown as string,
    lastTransitionTime: timestamp(context.clock.now()),
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  };
  const others = (pod.status.conditions ?? []).filter(({ type }) => type !== condition.type);
  const told = { ...pod, metadata: { ...pod.metadata }, status: { ...pod.status, conditions: [...others, condition] } };
  await put(context, { request, kind: request.kind, key: before.key, before }, told);
}
