/** What is worth an event when a pod's status changes from one to another. Pure. */
import type { ContainerStatus } from '../../api/types/container-status.ts';
import type { PodStatus } from '../../api/types/pod.ts';

export interface Happening {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  /** `containers{web}`, or '' for the pod as a whole. */
  part: string;
}

export function happenings(before: PodStatus, after: PodStatus, podText: string): Happening[] {
  return [
    ...between(before.initContainerStatuses, after.initContainerStatuses, { field: 'initContainers', podText }),
    ...between(before.containerStatuses, after.containerStatuses, { field: 'containers', podText }),
  ];
}

function between(
  before: readonly ContainerStatus[] = [],
  after: readonly ContainerStatus[] = [],
  { field, podText }: { field: string; podText: string },
): Happening[] {
  return after.flatMap((status) => {
    const old = before.find((s) => s.name === status.name);
    const part = `${field}{${status.name}}`;
    const say = (reason: string, message: string, type: Happening['type'] = 'Warning') => ({
      type,
      reason,
      message,
      part,
    });
    const out: Happening[] = [];
    const end = status.state.terminated ?? status.lastState.terminated;
    const isNews = end && [old?.state, old?.lastState].every((s) => s?.terminated?.containerID !== end.containerID);
    if (end && isNews) {
      const words = `Container ${status.name} ended with exit code ${end.exitCode} (${end.reason})`;
      out.push(say('exited', words, end.exitCode === 0 ? 'Normal' : 'Warning'));
    }
    const { reason, message = '' } = status.state.waiting ?? {};
    if (reason === old?.state.waiting?.reason) return out;
    if (reason === 'CrashLoopBackOff') {
      out.push(say('backOff', `Back-off restarting failed container ${status.name} in pod ${podText}`));
    } else if (reason === 'ImagePullBackOff') {
      out.push(say('backOff', message, 'Normal'));
    }
    return out;
  });
}
