/** The PodScheduled condition, by which anyone sees why a pod still waits. Binding makes it True (the API server's part). */
import { Pod } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import { noTime, timestamp } from '../api/time.ts';
import type { PodCondition } from '../api/types/pod.ts';
import type { Client } from '../client/client.ts';

/** Writes only what is new; made against the pod as seen, so that it never overwrites what a kubelet said since. */
export async function markUnschedulable(client: Client, pod: Stored<Pod>, message: string, now: number): Promise<void> {
  const { namespace, name, resourceVersion } = pod.metadata;
  const conditions = withUnschedulable(pod.status.conditions ?? [], message, now);
  if (!conditions) return;
  await client.patch(
    Pod,
    namespace,
    name,
    { metadata: { resourceVersion }, status: { conditions } },
    { subresource: 'status' },
  );
}

/** Undefined when the conditions say so already. */
export function withUnschedulable(
  conditions: readonly PodCondition[],
  message: string,
  now: number,
): PodCondition[] | undefined {
  const old = conditions.find((c) => c.type === 'PodScheduled');
  const unchanged = old?.status === 'False';
  if (unchanged && old.reason === 'Unschedulable' && old.message === message) return undefined;
  const condition: PodCondition = {
    type: 'PodScheduled',
    status: 'False',
    lastProbeTime: noTime,
    lastTransitionTime: unchanged ? old.lastTransitionTime : timestamp(now),
    reason: 'Unschedulable',
    message,
  };
  return [...conditions.filter((c) => c !== old), condition];
}
