/** What a node's heartbeat says about it and what follows for its pods. Pure. */
import type { Node, Pod } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import { readyCondition } from '../api/states.ts';
import type { Plan } from '../reconcile/controller.ts';
import { isHalted } from './nodes.ts';
import { isReady } from './pods.ts';

export interface HealthOptions {
  /** Without a heartbeat for so long a node is Unknown. */
  monitorGraceMs: number;
  /** The same for a node that has never sent one. */
  startupGraceMs: number;
  /** From not being Ready until the node's pods are deleted. */
  podEvictionTimeoutMs: number;
  /** Nodes whose pods are deleted, on average and at once. */
  evictionsPerSecond: number;
  evictionBurst: number;
}

/** Those of 0.17. */
export const defaultHealth: HealthOptions = {
  monitorGraceMs: 40_000,
  startupGraceMs: 60_000,
  podEvictionTimeoutMs: 300_000,
  evictionsPerSecond: 0.1,
  evictionBurst: 10,
};

/** What the controller saw, by its own monotonic clock: those of the machines may be wrong, and any may be set. */
export interface Observed {
  /** When the last heartbeat came. */
  readonly heartbeatAt: number;
  /** When the node became, or was first seen, as ready or not as it is. */
  readonly readinessSince: number;
  /** The readiness that was announced last; undefined when none was. */
  readonly announced: Readiness | undefined;
}

export type Readiness = 'True' | 'False' | 'Unknown';
export type Phase = NonNullable<Node['status']['phase']>;

export type NodeStep =
  | { type: 'announce'; reason: string; node: Stored<Node>; readiness: Readiness }
  | { type: 'setPhase'; reason: string; phase: Phase }
  | { type: 'markPodsNotReady'; reason: string; pods: readonly Stored<Pod>[] }
  | { type: 'markUnknown'; reason: string; node: Stored<Node>; silence: Silence }
  /** `counted` against the rate: of nodes that fail, not of those that somebody takes out. */
  | { type: 'evict'; reason: string; pods: readonly Stored<Pod>[]; gracePeriodSeconds?: number; counted: boolean };

/** Reason and message of a Ready condition that nobody posts any more, as Kubernetes words them. */
export interface Silence {
  readonly reason: string;
  readonly message: string;
}
const stopped: Silence = { reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' };
const never: Silence = { reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.' };

export interface Surroundings {
  /** Pods of the node. */
  readonly pods: readonly Stored<Pod>[];
  /** See evictionsAreHeld. */
  readonly held: boolean;
  /** Until the next node may be evicted. */
  readonly evictionDelayMs: number;
}

export function planNode(
  node: Stored<Node>,
  observed: Observed,
  surroundings: Surroundings,
  health: HealthOptions,
  now: number,
): Plan<NodeStep> {
  const steps: NodeStep[] = [];
  const ready = readyCondition(node);
  if (ready && ready.status !== observed.announced) {
    steps.push({ type: 'announce', reason: `Ready is ${ready.status}`, node, readiness: ready.status });
  }
  const phase = phaseOf(node);
  if (phase && phase !== node.status.phase) steps.push({ type: 'setPhase', reason: `it is ${phase} now`, phase });

  const heartbeat = planHeartbeat(node, observed, surroundings.pods, health, now);
  const eviction = planEviction(node, observed, surroundings, health, now);
  const waits = [heartbeat.againAfterMs, eviction.againAfterMs].filter((ms) => ms !== undefined);
  return {
    steps: [...steps, ...heartbeat.steps, ...eviction.steps],
    ...(waits.length > 0 && { againAfterMs: Math.min(...waits) }),
  };
}

/** Pending at creation. Terminated is also said by whoever halts the machine, and holds until it is back. */
function phaseOf(node: Stored<Node>): Phase | undefined {
  if (node.metadata.deletionTimestamp) return 'Terminated';
  return readyCondition(node)?.status === 'True' ? 'Running' : node.status.phase;
}

function planHeartbeat(
  node: Stored<Node>,
  { heartbeatAt }: Observed,
  pods: readonly Stored<Pod>[],
  health: HealthOptions,
  now: number,
): Plan<NodeStep> {
  const ready = readyCondition(node);
  if (isHalted(node) || ready?.status === 'Unknown') return { steps: [] };
  const wait = deadlineOf(node, heartbeatAt, health) - now;
  if (wait > 0) return { steps: [], againAfterMs: wait };

  const reason = `no heartbeat for ${now - heartbeatAt} ms`;
  const believed = pods.filter(isReady);
  return {
    steps: [
      // Services must not send anyone to them, though their deletion may be far off. First, so that a crash repeats it.
      ...(believed.length > 0 ? [{ type: 'markPodsNotReady' as const, reason, pods: believed }] : []),
      { type: 'markUnknown', reason, node, silence: ready ? stopped : never },
    ],
  };
}

/** When a node that is not heard of becomes Unknown. */
export function deadlineOf(node: Stored<Node>, heartbeatAt: number, health: HealthOptions): number {
  return heartbeatAt + (readyCondition(node) ? health.monitorGraceMs : health.startupGraceMs);
}

function planEviction(
  node: Stored<Node>,
  { readinessSince }: Observed,
  { pods, held, evictionDelayMs }: Surroundings,
  health: HealthOptions,
  now: number,
): Plan<NodeStep> {
  if (pods.length === 0) return { steps: [] };
  const { name, deletionTimestamp } = node.metadata;
  const readiness = readyCondition(node)?.status ?? 'True';
  if (isHalted(node)) return { steps: evict(pods, `node ${name} was halted`, { silent: true, counted: false }) };
  if (deletionTimestamp) {
    const reason = `node ${name} is being removed`;
    return { steps: evict(pods, reason, { silent: readiness === 'Unknown', counted: false }) };
  }
  if (readiness === 'True') return { steps: [] };
  const wait = readinessSince + health.podEvictionTimeoutMs - now;
  if (wait > 0) return { steps: [], againAfterMs: wait };
  // By then those that only seemed dead have reported.
  if (held) return { steps: [], againAfterMs: health.monitorGraceMs };

  const silent = readiness === 'Unknown';
  const reason = `node ${name} has been ${silent ? 'silent' : 'not ready'} for too long`;
  const steps = evict(pods, reason, { silent, counted: true });
  return steps.length > 0 && evictionDelayMs > 0 ? { steps: [], againAfterMs: evictionDelayMs } : { steps };
}

/** A kubelet that still reports ends its pods itself; for a silent one nobody would confirm their end. */
function evict(pods: Surroundings['pods'], reason: string, { silent, counted }: { silent: boolean; counted: boolean }) {
  const doomed = silent ? pods : pods.filter(({ metadata }) => !metadata.deletionTimestamp);
  if (doomed.length === 0) return [];
  const step: NodeStep = { type: 'evict', reason, pods: doomed, counted, ...(silent && { gracePeriodSeconds: 0 }) };
  return [step];
}

/** Above this share of dead nodes it is more likely that we are cut off (kube-controller-manager's default). */
const heldAbove = 0.55;
/** Never for one or two: a small cluster that lost them has them replaced. */
const deadAlwaysEvicted = 2;

/**
 * No pod is deleted for a silent node while more than 55 % of the nodes (and more than two) look dead, or all of them:
 * their pods probably run on, and there is little room to replace them. Halted machines are not dead, we know of them.
 * Nodes that are overdue count before they are marked: after a long pause of this process all are, one by one.
 */
export function evictionsAreHeld(
  nodes: Iterable<Stored<Node>>,
  isOverdue: (node: Stored<Node>) => boolean = () => false,
): boolean {
  let known = 0;
  let dead = 0;
  for (const node of nodes) {
    const readiness = readyCondition(node)?.status;
    if (!readiness || isHalted(node)) continue;
    known++;
    if (readiness !== 'True' || isOverdue(node)) dead++;
  }
  return dead === known || (dead > deadAlwaysEvicted && dead > heldAbove * known);
}
