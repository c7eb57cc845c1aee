/** Which pods are the scheduler's to place. */
import type { Pod } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import { isFinished } from '../api/states.ts';

/** Pods that name another scheduler are left to it. */
const schedulerName = 'default-scheduler';

export function isWaiting(pod: Stored<Pod>): boolean {
  const { metadata, spec } = pod;
  const isOurs = (spec.schedulerName ?? schedulerName) === schedulerName;
  return !spec.nodeName && isOurs && !metadata.deletionTimestamp && !isFinished(pod);
}
