/** What many parts ask of the status of pods and nodes. */
import type { PodStatus } from './types/pod.ts';

/** It has ended and will not run again: it holds nothing of its node, and no controller counts it. */
export function isFinished({ status }: { status: PodStatus }): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed';
}

/** The condition that says whether a pod can serve, or a node take pods. */
export function readyCondition<C extends { type: string }>({
  status,
}: {
  status: { conditions?: C[] | undefined };
}): C | undefined {
  return status.conditions?.find(({ type }) => type === 'Ready');
}
