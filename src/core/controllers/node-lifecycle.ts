/**
 * The life of nodes: a node whose kubelet falls silent becomes Unknown, and when it stays so its pods are deleted, so
 * that replication controllers replace them elsewhere. Also keeps status.phase and tells of each change by an event.
 */
import { Node, Pod } from '../api/kinds/index.ts';
import { keyOf, type Stored } from '../api/object.ts';
import { timestamp } from '../api/time.ts';
import type { Change } from '../client/informer.ts';
import type { Controller } from '../reconcile/controller.ts';
import { deletePod, together } from './calls.ts';
import { type ControllerDeps, joined } from './deps.ts';
import {
  defaultHealth,
  evictionsAreHeld,
  type HealthOptions,
  type NodeStep,
  type Observed,
  planNode,
  type Readiness,
} from './node-lifecycle-plan.ts';
import { readyCondition } from './nodes.ts';
import { podIndexers } from './pods.ts';
import { TokenBucket } from './token-bucket.ts';

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
  const evictions = new TokenBucket({ perSecond, burst, now: clock.now() });

  /** True when more than the heartbeat changed. */
  function observe({ type, object, old }: Change<Node>): boolean {
    const { name } = object.metadata;
    const known = observed.get(name);
    const now = clock.now();
    const ready = readyCondition(object);
    if (type === 'deleted') {
      observed.delete(name);
    } else if (!known || !old) {
      // One that was there before us is not news.
      observed.set(name, { heartbeatAt: now, readinessSince: now, announced: ready?.status });
    } else {
      const before = readyCondition(old);
      const heartbeat = ready?.lastHeartbeatTime !== before?.lastHeartbeatTime;
      const changed = ready?.status !== before?.status;
      observed.set(name, {
        ...known,
        ...(heartbeat && { heartbeatAt: now }),
        ...(changed && { readinessSince: now }),
      });
      return changed || object.status.phase !== old.status.phase;
    }
    return true;
  }

  return {
    name: 'node-lifecycle',
    resyncEveryMs,
    synced: () => Promise.all([nodes.synced(), pods.synced()]),
    keys: () => Array.from(nodes.list(), keyOf),
    watch(enqueue) {
      return joined(
        nodes.subscribe((change) => {
          if (!observe(change)) return;
          enqueue(keyOf(change.object));
          // How many look dead decides whether others are evicted.
          for (const node of nodes.list()) if (readyCondition(node)?.status !== 'True') enqueue(keyOf(node));
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
      const now = clock.now();
      const surroundings = {
        pods: [...pods.byIndex('node', key)],
        held: evictionsAreHeld(nodes.list()),
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
        await together(pods.map(markNotReady));
      },
      /** Made against the node as seen: a heartbeat that came meanwhile wins. */
      async markUnknown({ node, silence }, key) {
        const old = readyCondition(node);
        const now = timestamp(clock.now());
        const ready = {
          type: 'Ready',
          status: 'Unknown' as const,
          lastHeartbeatTime: old?.lastHeartbeatTime ?? now,
          lastTransitionTime: now,
          ...silence,
        };
        const conditions = [...(node.status.conditions ?? []).filter((c) => c !== old), ready];
        const { resourceVersion } = node.metadata;
        const patch = { metadata: { resourceVersion }, status: { conditions } };
        await client.patch(Node, '', key, patch, { subresource: 'status' });
      },
      async evict({ pods, reason, gracePeriodSeconds, counted }, key) {
        if (counted) evictions.take(clock.now());
        const node = nodes.get('', key);
        if (node) recorder.event(node, 'Warning', 'evictingPods', `Deleting ${pods.length} pods: ${reason}`);
        await together(pods.map((pod) => deletePod(client, pod, gracePeriodSeconds)));
      },
    },
  };

  async function markNotReady({ metadata, status }: Stored<Pod>): Promise<void> {
    const { namespace, name, resourceVersion } = metadata;
    const lastTransitionTime = timestamp(clock.now());
    const conditions = status.conditions?.map((c) =>
      c.type === 'Ready' ? { ...c, status: 'False', reason: 'NodeNotReady', lastTransitionTime } : c,
    );
    await client.patch(
      Pod,
      namespace,
      name,
      { metadata: { resourceVersion }, status: { conditions } },
      { subresource: 'status' },
    );
  }
}
