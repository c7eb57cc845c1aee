/** The phase of a pod, from the states of its containers (kubelet-proxy.md §4 and 15.2, kube-controllers.md §16). Pure. */
import type { ContainerStatus } from '../api/types/container-status.ts';
import type { RestartPolicy } from './restart.ts';

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export interface PhaseInput {
  policy: RestartPolicy;
  /** Init containers that are no sidecars. */
  inits: readonly ContainerStatus[];
  initialized: boolean;
  mains: readonly ContainerStatus[];
}

export function phaseOf({ policy, inits, initialized, mains }: PhaseInput): Phase {
  if (!initialized) {
    const failed = inits.some((s) => (endOf(s)?.exitCode ?? 0) !== 0);
    return failed && policy === 'Never' ? 'Failed' : 'Pending';
  }
  const ends = mains.map(endOf);
  const running = mains.some((s) => s.state.running);
  // Waiting for its first start; one that waits to be started again counts as ended.
  if (mains.some((s, i) => s.state.waiting && !ends[i])) return 'Pending';
  if (running || policy === 'Always') return 'Running';
  if (ends.every((end) => end?.exitCode === 0)) return 'Succeeded';
  return policy === 'Never' ? 'Failed' : 'Running';
}

const endOf = ({ state, lastState }: ContainerStatus) =>
  state.terminated ?? (state.waiting ? lastState.terminated : undefined);
