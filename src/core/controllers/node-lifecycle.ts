/**
 * The life of nodes: a node whose kubelet falls silent becomes Unknown, and when it stays so its pods are deleted, so
 * that replication controllers replace them elsewhere. Also keeps status.phase and tells of each change by an event.
 */
import { Node, Pod } from '../api/kinds/index.ts';
import { keyOf, type Stored } from '../api/object.ts';
import { readyCondition } from '../api/states.ts';
import { timestamp } from '../api/time.ts';
import type { NodeCondition } from '../api/types/node.ts';
import { TokenBucket } from '../async/token-bucket.ts';
import type { Change } from '../client/informer.ts';
import type { Controller } from '../reconcile/controller.ts';
import { deletePod, forEach } from './calls.ts';
import { type ControllerDeps, joined } from './deps.ts';
import {
  deadlineOf,
  defaultHealth,
  evictionsAreHeld,
  type HealthOptions,
  type NodeStep,
  type Observed,
  planNode,
  type Readiness,
  type Silence,
} from './node-lifecycle-plan.ts';
import { podIndexers } from './pods.ts';

const resyncEveryMs = 300_000;
const announcements: Record<Readiness, string> = { True: 'ready', False: 'not_ready', Unknown: 'unknown' };

export function nodeLifecycleController(
  { client, informers, recorder, clock }: ControllerDeps,
  options: Partial<HealthOptions> = {},
): Controller<NodeStep> {
  const health = { ...defaultHealth, ...options };
  const nodes = informers.for(Node);
  const pods = informers.for(Pod, { indexers: podIndexers });
  const observed = new Map<string, Observed>();
  const { evictionsPerSecond: perSecond, evictionBurst: burst } = health;
  const evictions = new TokenBucket({ perSecond, burst, now: clock.monotonic() });

  /** True when there is more to look at than a heartbeat. */
  function observe({ type, object, old }: Change<Node>): boolean {
    const { name } = object.metadata;
    if (type === 'deleted') {
      observed.delete(name);
      return false;
    }
    const ready = readyCondition(object);
    const now = clock.monotonic();
    const known = observed.get(name);
    if (!known || !old) {
      // One that was there before us is not news.
      observed.set(name, { heartbeatAt: now, readinessSince: now, announced: ready?.status });
      return true;
    }
    const before = readyCondition(old);
    const isHeartbeat = ready?.lastHeartbeatTime !== before?.lastHeartbeatTime;
    const isTransition = ready?.status !== before?.status;
    observed.set(name, {
      ...known,
      ...(isHeartbeat && { heartbeatAt: now }),
      ...(isTransition && { readinessSince: now }),
    });
    return isTransition || object.status.phase !== old.status.phase || Boolean(object.metadata.deletionTimestamp);
  }

  function isOverdue(node: Stored<Node>, now: number): boolean {
    const seen = observed.get(node.metadata.name);
    return seen !== undefined && deadlineOf(node, seen.heartbeatAt, health) <= now;
  }

  return {
    name: 'node-lifecycle',
    resyncEveryMs,
    synced: () => Promise.all([nodes.synced(), pods.synced()]),
    keys: () => Array.from(nodes.list(), keyOf),
    watch(enqueue) {
      return joined(
        nodes.subscribe((change) => {
          if (observe(change)) enqueue(keyOf(change.object));
        }),
        pods.subscribe(({ object: { spec } }) => {
          const node = spec.nodeName ? nodes.get('', spec.nodeName) : undefined;
          if (node && readyCondition(node)?.status !== 'True') enqueue(keyOf(node));
        }),
      );
    },
    plan(key) {
      const node = nodes.get('', key);
      const seen = observed.get(key);
      if (!node || !seen) return { steps: [] };
      const now = clock.monotonic();
      const surroundings = {
        pods: [...pods.byIndex('node', key)],
        held: evictionsAreHeld(nodes.list(), (other) => isOverdue(other, now)),
        evictionDelayMs: evictions.delayMs(now),
      };
      return planNode(node, seen, surroundings, health, now);
    },
    execute: {
      async announce({ node, readiness }, key) {
        const seen = observed.get(key);
        if (seen) observed.set(key, { ...seen, announced: readiness });
        const type = readiness === 'True' ? 'Normal' : 'Warning';
        const reason = announcements[readiness];
        recorder.event(node, type, reason, `Node ${key} is now ${reason}`);
      },
      async setPhase({ phase }, key) {
        await client.patch(Node, '', key, { status: { phase } }, { subresource: 'status' });
      },
      async markPodsNotReady({ pods }) {
        await forEach(pods, markNotReady);
      },
      /** Made against the node as seen: a heartbeat that came meanwhile wins. */
      async markUnknown({ node, silence }, key) {
        const conditions = conditionsWhenSilent(node, silence, timestamp(clock.now()));
        const patch = { metadata: { resourceVersion: node.metadata.resourceVersion }, status: { conditions } };
        await client.patch(Node, '', key, patch, { subresource: 'status' });
      },
      async evict({ pods, reason, gracePeriodSeconds, counted }, key) {
        if (counted) evictions.take(clock.monotonic());
        const node = nodes.get('', key);
        if (node) recorder.event(node, 'Warning', 'evictingPods', `Deleting ${pods.length} pods: ${reason}`);
        await forEach(pods, (pod) => deletePod(client, pod, gracePeriodSeconds));
      },
    },
  };

  async function markNotReady({ metadata, status }: Stored<Pod>): Promise<void> {
    const { namespace, name, resourceVersion } = metadata;
    const lastTransitionTime = timestamp(clock.now());
    const conditions = status.conditions?.map((c) =>
      c.type === 'Ready' ? { ...c, status: 'False', reason: 'NodeNotReady', lastTransitionTime } : c,
    );
    const patch = { metadata: { resourceVersion }, status: { conditions } };
    await client.patch(Pod, namespace, name, patch, { subresource: 'status' });
  }
}

/** Only a kubelet can say these. */
const kubeletConditions = ['Reachable', 'Ready'];

/** The times of the last heartbeat stay: nothing was heard since. */
function conditionsWhenSilent({ status }: Stored<Node>, silence: Silence, now: string): NodeCondition[] {
  const conditions = status.conditions ?? [];
  const silent = kubeletConditions.map((type): NodeCondition => {
    const lastHeartbeatTime = conditions.find((c) => c.type === type)?.lastHeartbeatTime ?? now;
    return { type, status: 'Unknown', lastHeartbeatTime, lastTransitionTime: now, ...silence };
  });
  return [...conditions.filter((c) => !kubeletConditions.includes(c.type)), ...silent];
}
