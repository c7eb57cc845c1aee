/** Pods whose node will never report on them again: bound to a node that does not exist, or going on one that is dead. */
import { Node, Pod } from '../api/kinds/index.ts';
import { keyOf, type Stored, splitKey } from '../api/object.ts';
import type { Controller, Plan } from '../reconcile/controller.ts';
import { deletePod, orUndefined } from './calls.ts';
import { type ControllerDeps, joined } from './deps.ts';
import { isDead } from './nodes.ts';
import { podIndexers } from './pods.ts';

export type PodGcStep =
  /** Asks the server first, since the cache of nodes may lag behind the one of pods. */
  | { type: 'collect'; reason: string; pod: Stored<Pod>; missingNode: string }
  | { type: 'remove'; reason: string; pod: Stored<Pod> };

/** A pod may be made for a node that is about to register (kube-controller-manager's quarantine). */
const quarantineMs = 40_000;
const defaultGraceSeconds = 30;
const resyncEveryMs = 300_000;

/** Timestamps are by the clocks of others, so no wait is longer than what has not yet passed since the pod was seen like this. */
export function planPodGc(
  pod: Stored<Pod> | undefined,
  node: Stored<Node> | undefined,
  { now, seenMs }: { now: number; seenMs: number },
): Plan<PodGcStep> {
  const nodeName = pod?.spec.nodeName;
  if (!pod || !nodeName) return { steps: [] };
  const {
    creationTimestamp,
    deletionTimestamp,
    deletionGracePeriodSeconds: grace = defaultGraceSeconds,
  } = pod.metadata;
  if (!node) {
    const wait = Math.min(Date.parse(creationTimestamp) - now, -seenMs) + quarantineMs;
    if (wait > 0) return { steps: [], againAfterMs: wait };
    return { steps: [{ type: 'collect', reason: `node ${nodeName} does not exist`, pod, missingNode: nodeName }] };
  }
  if (!deletionTimestamp || !isDead(node)) return { steps: [] };
  const wait = grace * 1000 - seenMs;
  if (wait > 0) return { steps: [], againAfterMs: wait };
  return { steps: [{ type: 'remove', reason: `node ${nodeName} is dead and will not say that the pod ended`, pod }] };
}

export function podGarbageCollector({ client, informers, clock }: ControllerDeps): Controller<PodGcStep> {
  const pods = informers.for(Pod, { indexers: podIndexers });
  const nodes = informers.for(Node);
  /** By key: what of the pod concerns us, and since when, by our own clock. */
  const seen = new Map<string, { what: string; since: number }>();
  const nodeOf = ({ spec }: Stored<Pod>) => (spec.nodeName ? nodes.get('', spec.nodeName) : undefined);

  return {
    name: 'pod-gc',
    resyncEveryMs,
    synced: () => Promise.all([pods.synced(), nodes.synced()]),
    keys: () => Array.from(pods.list(), keyOf),
    watch(enqueue) {
      const enqueueUnwatched = (pod: Stored<Pod>) => {
        if (!pod.spec.nodeName) return;
        const node = nodeOf(pod);
        if (!node || (pod.metadata.deletionTimestamp && isDead(node))) enqueue(keyOf(pod));
      };
      return joined(
        pods.subscribe(({ object }) => enqueueUnwatched(object)),
        nodes.subscribe(({ type, object, old }) => {
          if (type !== 'deleted' && (!isDead(object) || (old && isDead(old)))) return;
          for (const pod of pods.byIndex('node', object.metadata.name)) enqueueUnwatched(pod);
        }),
      );
    },
    plan(key) {
      const { namespace, name } = splitKey(key);
      const pod = pods.get(namespace, name);
      const node = pod && nodeOf(pod);
      return planPodGc(pod, node, { now: clock.now(), seenMs: seenMs(key, pod, node) });
    },
    execute: {
      async collect({ pod, missingNode }) {
        if (!(await orUndefined(client.get(Node, '', missingNode)))) await deletePod(client, pod, 0);
      },
      remove: ({ pod }) => deletePod(client, pod, 0),
    },
  };

  function seenMs(key: string, pod: Stored<Pod> | undefined, node: Stored<Node> | undefined): number {
    const { uid, deletionTimestamp = '' } = pod?.metadata ?? {};
    if (!pod || (node && !deletionTimestamp)) seen.delete(key);
    else {
      const what = `${uid} ${node ? deletionTimestamp : 'no node'}`;
      if (seen.get(key)?.what !== what) seen.set(key, { what, since: clock.monotonic() });
    }
    return clock.monotonic() - (seen.get(key)?.since ?? clock.monotonic());
  }
}
