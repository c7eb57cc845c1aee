/** What one line says about a pod (kubernetes pkg/printers/internalversion printPod). */
import { age } from '../../duration.ts';
import type { Stored } from '../../object.ts';
import type { ContainerStatus } from '../../types/container-status.ts';
import type { Pod } from '../../types/pod.ts';

export interface PodRow {
  /** `Running`, `CrashLoopBackOff`, `Init:0/2` …: the most telling of phase, conditions and container states. */
  status: string;
  ready: number;
  total: number;
  restarts: number;
  /** When the newest ended container ended. */
  lastRestart: string | undefined;
}

export function podRow(pod: Stored<Pod>): PodRow {
  const sidecars = new Set(
    (pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always').map((c) => c.name),
  );
  const row: PodRow = {
    status: pod.status.reason || pod.status.phase || 'Unknown',
    ready: 0,
    total: pod.spec.containers.length + sidecars.size,
    restarts: 0,
    lastRestart: undefined,
  };
  if (condition(pod, 'PodScheduled')?.reason === 'SchedulingGated') row.status = 'SchedulingGated';

  const initializing = readInitContainers(pod, row, sidecars);
  if (!initializing || condition(pod, 'Initialized')?.status === 'True') {
    const main = pod.status.containerStatuses ?? [];
    // From here on restarts are those of the containers that go on living.
    const living = (pod.status.initContainerStatuses ?? []).filter((s) => sidecars.has(s.name));
    countRestarts(row, [...living, ...main]);
    readContainers(pod, row, main);
  }

  if (pod.metadata.deletionTimestamp) {
    if (pod.status.reason === 'NodeLost') row.status = 'Unknown';
    else if (!isFinished(pod)) row.status = 'Terminating';
  }
  return row;
}

/** A pod whose containers have all ended for good. */
export const isFinished = (pod: Pick<Pod, 'status'>) =>
  pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';

const condition = (pod: Stored<Pod>, type: string) => pod.status.conditions?.find((c) => c.type === type);

/** True when an init container still stands in the way; it then gives the status. */
function readInitContainers(pod: Stored<Pod>, row: PodRow, sidecars: ReadonlySet<string>): boolean {
  const statuses = pod.status.initContainerStatuses ?? [];
  for (const [i, status] of statuses.entries()) {
    const { terminated, waiting } = status.state;
    if (terminated?.exitCode === 0) continue;
    if (sidecars.has(status.name) && status.started) {
      if (status.ready) row.ready++;
      continue;
    }
    if (terminated) row.status = `Init:${endOf(terminated)}`;
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') row.status = `Init:${waiting.reason}`;
    else row.status = `Init:${i}/${pod.spec.initContainers?.length ?? 0}`;
    countRestarts(row, statuses.slice(0, i + 1));
    return true;
  }
  countRestarts(row, statuses);
  return false;
}

function readContainers(pod: Stored<Pod>, row: PodRow, statuses: readonly ContainerStatus[]): void {
  let hasRunning = false;
  for (const { state, ready } of statuses.toReversed()) {
    if (state.waiting?.reason) row.status = state.waiting.reason;
    else if (state.terminated) row.status = endOf(state.terminated);
    else if (ready && state.running) {
      hasRunning = true;
      row.ready++;
    }
  }
  if (row.status === 'Completed' && hasRunning) {
    row.status = condition(pod, 'Ready')?.status === 'True' ? 'Running' : 'NotReady';
  }
}

function endOf(terminated: NonNullable<ContainerStatus['state']['terminated']>): string {
  if (terminated.reason) return terminated.reason;
  return terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`;
}

function countRestarts(row: PodRow, statuses: readonly ContainerStatus[]): void {
  row.restarts = 0;
  row.lastRestart = undefined;
  for (const { restartCount, lastState } of statuses) {
    row.restarts += restartCount;
    const ended = lastState.terminated?.finishedAt;
    if (ended && (!row.lastRestart || ended > row.lastRestart)) row.lastRestart = ended;
  }
}

/** `3`, or `3 (5m ago)` when it is known when the last one was. */
export function restartsText({ restarts, lastRestart }: PodRow, now: number): string {
  return restarts && lastRestart ? `${restarts} (${age(lastRestart, now)} ago)` : `${restarts}`;
}
