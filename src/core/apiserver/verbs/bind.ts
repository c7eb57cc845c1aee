import { decodeObject } from '../../api/decode.ts';
import { Binding, Pod } from '../../api/kinds/index.ts';
import type { ApiRequest } from '../../api/request.ts';
import { conflict, invalid } from '../../api/status.ts';
import { timestamp } from '../../api/time.ts';
import { notSupported, required } from '../../api/validation/errors.ts';
import { type Answer, success } from '../answer.ts';
import { put } from '../commit.ts';
import type { Context } from '../context.ts';
import { canonicalMeta, otherName } from '../metadata.ts';
import { entryOf } from './get.ts';

const attemptsMax = 5;
const podBinding = { plural: 'pods/binding', group: '' };

/** POST pods/NAME/binding, or bindings: gives a pod its node, once. */
export async function bind(context: Context, request: ApiRequest): Promise<Answer> {
  const { object: binding } = decodeObject(Binding, request.body, request.options?.fieldValidation ?? 'Warn');
  const { name = binding.metadata.name ?? '', namespace } = request;
  if (binding.metadata.name && binding.metadata.name !== name) throw otherName(binding.metadata.name, name);
  checkTarget(binding, name);
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const before = entryOf(context, { verb: 'get', kind: Pod, namespace, name });
    const bound = boundPod(before.object as unknown as Pod, binding, context.clock.now());
    if (request.options?.dryRun) return success(201, { code: 201 });
    const result = await put(context, { request, kind: Pod, key: before.key, before }, bound);
    if (result.done) return success(201, { code: 201 });
  }
  throw conflict(podBinding, name, 'the pod keeps changing; please try again');
}

function checkTarget({ target }: Binding, name: string): void {
  const errors = [];
  if (target.kind && target.kind !== 'Node') errors.push(notSupported('target.kind', target.kind, ['Node', '<empty>']));
  if (!target.name) errors.push(required('target.name'));
  if (errors.length) throw invalid('Binding', '', name, errors);
}

function boundPod(pod: Pod, { target, metadata }: Binding, now: number): Pod {
  const { name = '' } = pod.metadata;
  if (pod.metadata.deletionTimestamp) {
    throw conflict(podBinding, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  }
  if (pod.spec.nodeName) {
    throw conflict(podBinding, name, `pod ${name} is already assigned to node "${pod.spec.nodeName}"`);
  }
  const { labels, annotations } = metadata;
  return {
    ...pod,
    metadata: canonicalMeta({
      ...pod.metadata,
      ...(labels && { labels: { ...pod.metadata.labels, ...labels } }),
      ...(annotations && { annotations: { ...pod.metadata.annotations, ...annotations } }),
    }),
    spec: { ...pod.spec, nodeName: target.name },
    status: { ...pod.status, conditions: withScheduled(pod.status.conditions ?? [], now) },
  };
}

function withScheduled(conditions: NonNullable<Pod['status']['conditions']>, now: number) {
  const scheduled = {
    type: 'PodScheduled',
    status: 'True' as const,
    lastProbeTime: null as unknown as string,
    lastTransitionTime: timestamp(now),
  };
  return [...conditions.filter(({ type }) => type !== 'PodScheduled'), scheduled];
}
