/** What controllers ask of nodes. */
import type { Node } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import { readyCondition } from '../api/states.ts';

/** It was told to halt (its phase says so) and has not come back since. */
export function isHalted(node: Stored<Node>): boolean {
  return node.status.phase === 'Terminated' && readyCondition(node)?.status !== 'True';
}

/** Nobody is there to end pods: halted, or not heard of for longer than the grace period. */
export function isDead(node: Stored<Node>): boolean {
  return isHalted(node) || readyCondition(node)?.status === 'Unknown';
}
