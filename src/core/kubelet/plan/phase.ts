/** The phase of a pod, from the states of its containers (kubelet's getPhase). Pure. */
import type { ContainerStatus } from '../../api/types/container-status.ts';

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export interface Told {
  status: ContainerStatus;
  /** It will not run (again), as the restart policy has it. */
  over: boolean;
}

/** `inits` are the init containers that are no sidecars. */
export function phaseOf(pod: { inits: readonly Told[]; initialized: boolean; mains: readonly Told[] }): Phase {
  const { inits, initialized, mains } = pod;
  if (!initialized) return inits.some(({ status, over }) => over && failed(status)) ? 'Failed' : 'Pending';
  // Waiting for its first start; one that waits to be started again is Running.
  if (mains.some(({ status }) => status.state.waiting && !status.lastState.terminated)) return 'Pending';
  if (mains.some(({ over }) => !over)) return 'Running';
  return mains.some(({ status }) => failed(status)) ? 'Failed' : 'Succeeded';
}

const failed = ({ state }: ContainerStatus) => state.terminated !== undefined && state.terminated.exitCode !== 0;
