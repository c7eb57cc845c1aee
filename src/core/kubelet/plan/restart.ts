/** When a container that ended is started again (kubelet's ShouldContainerBeRestarted and doBackOff). */
import type { PodSpec } from '../../api/types/pod.ts';
import type { RuntimeContainer } from '../../runtime/runtime.ts';
import { annotation } from './instances.ts';

export type RestartPolicy = NonNullable<PodSpec['restartPolicy']>;

const firstSeconds = 10;
const maxSeconds = 300;
/** A container that ran so long is well again: its next end is a first one. */
const resetAfterMs = 600_000;

/** Does the policy let a container that ended this way run again? */
export function restarts(policy: RestartPolicy, exitCode: number): boolean {
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

/** Seconds to wait after the end of this instance: none after the first one, then 10, 20, 40 … 300. */
export function backOffAfter(ended: RuntimeContainer): number {
  const { startedAt, finishedAt } = ended;
  const well = startedAt !== undefined && finishedAt !== undefined && finishedAt - startedAt >= resetAfterMs;
  return well ? 0 : writtenBackOff(ended);
}

export function writtenBackOff(instance: RuntimeContainer): number {
  return Number(instance.annotations[annotation.backOffSeconds] ?? 0);
}

/** What to write on the instance that starts after a wait of `waited` seconds. */
export function nextBackOff(waited: number): number {
  return waited === 0 ? firstSeconds : Math.min(2 * waited, maxSeconds);
}
