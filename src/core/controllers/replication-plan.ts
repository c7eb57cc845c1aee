/** What a replication controller has to do, from the pods that are there. Pure. */
import type { Pod, ReplicationController } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import type { ReplicationControllerStatus } from '../api/types/replication-controller.ts';
import type { Plan } from '../reconcile/controller.ts';
import { controllerOf, isActive, isReady, readySince, selects } from './pods.ts';

export type ReplicationStep =
  | { type: 'createPods'; reason: string; count: number }
  | { type: 'deletePods'; reason: string; pods: readonly Stored<Pod>[] }
  | { type: 'adoptPod'; reason: string; pod: Stored<Pod> }
  | { type: 'releasePod'; reason: string; pod: Stored<Pod> }
  | { type: 'updateStatus'; reason: string; status: ReplicationControllerStatus };

/** Pods created or deleted at once; the rest follows when the cache has shown them (0.17). */
const burstMax = 500;
export type Rc = Stored<ReplicationController>;

/**
 * `pods` are those the controller owns or its selector selects. While `settled` is false the cache has not shown all
 * that was ordered, and nothing more is.
 */
export function planReplication(
  rc: Rc,
  pods: Iterable<Stored<Pod>>,
  settled: boolean,
  now: number,
): Plan<ReplicationStep> {
  if (rc.metadata.deletionTimestamp) return { steps: [] };
  const { active, steps } = claim(rc, pods);
  const status = statusOf(rc, active, now);
  if (!sameStatus(rc.status, status)) steps.push({ type: 'updateStatus', reason: summary(status), status });
  if (settled) steps.push(...resize(rc, active));
  const againAfterMs = nextAvailability(rc, active, now);
  return againAfterMs === undefined ? { steps } : { steps, againAfterMs };
}

/** Which of the pods count, and what makes the owner references say so. */
function claim(rc: Rc, pods: Iterable<Stored<Pod>>): { active: Stored<Pod>[]; steps: ReplicationStep[] } {
  const steps: ReplicationStep[] = [];
  const active: Stored<Pod>[] = [];
  for (const pod of pods) {
    if (!isActive(pod)) continue;
    const owner = controllerOf(pod);
    const matches = selects(rc.spec.selector, pod.metadata.labels);
    if (!owner && matches) {
      steps.push({ type: 'adoptPod', reason: `the selector selects ${pod.metadata.name}`, pod });
      active.push(pod);
    } else if (owner?.uid === rc.metadata.uid) {
      if (matches) active.push(pod);
      else steps.push({ type: 'releasePod', reason: `the labels of ${pod.metadata.name} left the selector`, pod });
    }
  }
  return { active, steps };
}

function resize(rc: Rc, active: readonly Stored<Pod>[]): ReplicationStep[] {
  const desired = rc.spec.replicas ?? 1;
  const reason = `${active.length} active, ${desired} desired`;
  const missing = desired - active.length;
  if (missing > 0) return [{ type: 'createPods', reason, count: Math.min(missing, burstMax) }];
  if (missing === 0) return [];
  const pods = [...active].sort(victimsFirst).slice(0, Math.min(-missing, burstMax));
  return [{ type: 'deletePods', reason, pods }];
}

const phaseRank: Record<string, number> = { Pending: 0, Unknown: 1, Running: 2 };

/**
 * Who goes first (0.17 controller.ActivePods): unassigned before assigned, Pending before Unknown before Running, not
 * ready before ready. Of equals the younger goes, and names decide last, so that the same pods give the same victims.
 */
export function victimsFirst(a: Stored<Pod>, b: Stored<Pod>): number {
  const rank = (pod: Stored<Pod>) => phaseRank[pod.status.phase ?? 'Pending'] ?? 0;
  return (
    Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName)) ||
    rank(a) - rank(b) ||
    Number(isReady(a)) - Number(isReady(b)) ||
    compare(b.metadata.creationTimestamp, a.metadata.creationTimestamp) ||
    compare(a.metadata.name, b.metadata.name)
  );
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function statusOf(rc: Rc, active: readonly Stored<Pod>[], now: number): ReplicationControllerStatus {
  const minReadyMs = (rc.spec.minReadySeconds ?? 0) * 1000;
  const templateLabels = rc.spec.template?.metadata.labels;
  const status = { replicas: active.length, fullyLabeledReplicas: 0, readyReplicas: 0, availableReplicas: 0 };
  for (const pod of active) {
    if (selects(templateLabels, pod.metadata.labels)) status.fullyLabeledReplicas++;
    const since = readySince(pod);
    if (since === undefined) continue;
    status.readyReplicas++;
    if (now - since >= minReadyMs) status.availableReplicas++;
  }
  return { ...status, observedGeneration: rc.metadata.generation };
}

/** When the next ready pod becomes available, which no event will tell. */
function nextAvailability(rc: Rc, active: readonly Stored<Pod>[], now: number): number | undefined {
  const minReadyMs = (rc.spec.minReadySeconds ?? 0) * 1000;
  let next: number | undefined;
  for (const pod of active) {
    const left = (readySince(pod) ?? -Infinity) + minReadyMs - now;
    if (left > 0 && left < (next ?? Infinity)) next = left;
  }
  return next;
}

const counts = [
  'replicas',
  'fullyLabeledReplicas',
  'readyReplicas',
  'availableReplicas',
  'observedGeneration',
] as const;

function sameStatus(a: ReplicationControllerStatus | undefined, b: ReplicationControllerStatus): boolean {
  return counts.every((field) => (a?.[field] ?? 0) === (b[field] ?? 0));
}

function summary({ replicas, readyReplicas, availableReplicas }: ReplicationControllerStatus): string {
  return `${replicas} replicas, ${readyReplicas} ready, ${availableReplicas} available`;
}
