/**
 * Checks nodes that are only recorded: one that no kubelet reports for is asked at its address whether it is well, until
 * a kubelet reports. The answer is its Reachable condition (NodeReachable in the documents of 0.7); a node that cannot be
 * reached is kept, gets no pods, and is checked again.
 */
import { Node } from '../api/kinds/index.ts';
import { keyOf, type Stored } from '../api/object.ts';
import { readyCondition } from '../api/states.ts';
import { timestamp } from '../api/time.ts';
import type { NodeCondition } from '../api/types/node.ts';
import type { Controller } from '../reconcile/controller.ts';
import type { ControllerDeps } from './deps.ts';
import { type Health, probeKubelet } from './node-probe.ts';
import { isHalted } from './nodes.ts';

export type NodeCheckStep = { type: 'check'; reason: string; node: Stored<Node> };

export interface NodeCheckOptions {
  periodMs: number;
  /** Never rejects. By HTTP unless given. */
  probe?: (node: Stored<Node>) => Promise<Health>;
}

/** Nobody speaks for it, and nobody said that it would be so. */
function isUnheard(node: Stored<Node>): boolean {
  const readiness = readyCondition(node)?.status ?? 'Unknown';
  return readiness === 'Unknown' && !isHalted(node) && !node.metadata.deletionTimestamp;
}

export function nodeCheckController(
  { client, informers, clock }: ControllerDeps,
  { periodMs, probe = probeKubelet }: NodeCheckOptions,
): Controller<NodeCheckStep> {
  const nodes = informers.for(Node);
  return {
    name: 'node-check',
    synced: () => nodes.synced(),
    keys: () => Array.from(nodes.list(), keyOf),
    // One that does not answer must not keep the others waiting.
    workers: 10,
    watch: (enqueue) =>
      nodes.subscribe(({ type, object, old }) => {
        const isNews = type === 'added' || (old !== undefined && !isUnheard(old));
        if (type !== 'deleted' && isNews && isUnheard(object)) enqueue(keyOf(object));
      }),
    plan(key) {
      const node = nodes.get('', key);
      if (!node || !isUnheard(node)) return { steps: [] };
      return { steps: [{ type: 'check', reason: 'no kubelet reports for it', node }], againAfterMs: periodMs };
    },
    execute: {
      async check({ node }, key) {
        const health = await probe(node);
        const conditions = withReachable(node.status.conditions, health, timestamp(clock.now()));
        if (!conditions) return;
        // Made against the node as seen: what its kubelet says meanwhile wins.
        const { resourceVersion } = node.metadata;
        const patch = { metadata: { resourceVersion }, status: { conditions } };
        await client.patch(Node, '', key, patch, { subresource: 'status' });
      },
    },
  };
}

/** Undefined when nothing changed: a check that says the same again is not worth a write. */
function withReachable(
  before: readonly NodeCondition[] = [],
  { ok, message }: Health,
  now: string,
): NodeCondition[] | undefined {
  const old = before.find(({ type }) => type === 'Reachable');
  const status = ok ? 'True' : 'False';
  const reason = ok ? 'HealthCheckSucceeded' : 'HealthCheckFailed';
  if (old?.status === status && old.reason === reason && old.message === message) return undefined;
  const lastTransitionTime = old?.status === status ? old.lastTransitionTime : now;
  const condition = { type: 'Reachable', status, lastHeartbeatTime: now, lastTransitionTime, reason, message } as const;
  return [...before.filter(({ type }) => type !== 'Reachable'), condition];
}
