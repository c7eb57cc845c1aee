/** One decision, pure but for the drawn lots: which nodes can take the pod (predicates), which of them is best (priorities). */
import { pick, type Random } from '../async/random.ts';
import type { NodeState } from './node-state.ts';
import type { PodRequirements } from './requirements.ts';
import type { PodsPerNode } from './service-pods.ts';

export interface Predicate {
  readonly name: string;
  /** Why the node cannot take the pod; undefined when it can. */
  misfit(pod: PodRequirements, node: NodeState): string | undefined;
}

/** What priorities may know besides the pod and the node. */
export interface Surroundings {
  readonly nodes: readonly NodeState[];
  /** Pods per node of the service that the pod belongs to. */
  servicePods(pod: PodRequirements): PodsPerNode;
}

export interface Priority {
  readonly name: string;
  readonly weight: number;
  /** Prepares once per pod; the answer scores a node from 0 to 10, 10 is best. */
  scorer(pod: PodRequirements, surroundings: Surroundings): (node: NodeState) => number;
}

export interface Policy {
  readonly predicates: readonly Predicate[];
  readonly priorities: readonly Priority[];
}

export interface Misfit {
  readonly node: string;
  readonly reason: string;
  /** The predicate that said so; undefined when the node takes no pods at all. */
  readonly predicate?: string;
}

/** The best node; ties are drawn. Undefined when no node fits, see `misfits`. */
export function chooseNode(
  pod: PodRequirements,
  surroundings: Surroundings,
  policy: Policy,
  random: Random,
): NodeState | undefined {
  const candidates = surroundings.nodes.filter((node) => fits(pod, node, policy));
  if (candidates.length <= 1) return candidates[0];

  const scorers = policy.priorities.map(({ weight, scorer }) => ({ weight, score: scorer(pod, surroundings) }));
  let best: NodeState[] = [];
  let bestScore = -Infinity;
  for (const node of candidates) {
    let total = 0;
    for (const { weight, score } of scorers) total += weight * score(node);
    if (total > bestScore) {
      bestScore = total;
      best = [node];
    } else if (total === bestScore) {
      best.push(node);
    }
  }
  return best[pick(random, best.length)];
}

export function fits(pod: PodRequirements, node: NodeState, { predicates }: Policy): boolean {
  if (node.unavailable) return false;
  for (const predicate of predicates) if (predicate.misfit(pod, node) !== undefined) return false;
  return true;
}

/** The first reason of every node that does not fit. */
export function misfits(pod: PodRequirements, nodes: readonly NodeState[], { predicates }: Policy): Misfit[] {
  const found: Misfit[] = [];
  for (const node of nodes) {
    if (node.unavailable) {
      found.push({ node: node.name, reason: node.unavailable });
      continue;
    }
    for (const { name, misfit } of predicates) {
      const reason = misfit(pod, node);
      if (reason === undefined) continue;
      found.push({ node: node.name, reason, predicate: name });
      break;
    }
  }
  return found;
}
