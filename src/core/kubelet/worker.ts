/**
 * The kubelet's loop: each pod of the node, wanted or observed, is planned from what is known and its steps carried
 * out, one pod at a time each and many pods side by side. Nothing is decided here: see plan.ts.
 */
import type { Controller, Plan } from '../reconcile/controller.ts';
import { reject } from './admission.ts';
import { executors } from './executors.ts';
import { admittedPods, probed, viewOf } from './gather.ts';
import type { Parts } from './parts.ts';
import { planPod } from './plan/plan.ts';
import type { PodStep } from './plan/steps.ts';
import type { PodView } from './plan/view.ts';

/** Docker starts a handful of containers at a time well; more at once only wait longer. */
const workers = 10;
const resyncEveryMs = 30_000;

export function podController(
  parts: Parts,
  ready: Promise<unknown>,
  connect: (replan: Parts['replan']) => void,
): Controller<PodStep> {
  const { observer, pods, volumes } = parts;
  const keys = () => new Set([...pods.uids(), ...[...observer.pods()].map((p) => p.identity.uid), ...volumes.pods]);
  return {
    name: 'kubelet',
    workers,
    resyncEveryMs,
    keys() {
      // A lost event costs at most until here; what this look shows is planned as it comes.
      observer.glance();
      return keys();
    },
    synced: () => ready,
    watch(enqueue) {
      connect(enqueue);
      const unwatch = pods.watch(enqueue);
      // Those that were deleted while no kubelet was here.
      for (const uid of keys()) enqueue(uid);
      return unwatch;
    },
    plan: (uid) => plan(parts, uid),
    execute: executors(parts),
  };
}

function plan(parts: Parts, uid: string): Plan<PodStep> {
  const { observer, pods, images, memories, probes, node, volumes } = parts;
  const pod = pods.get(uid);
  if (!observer.current) return { steps: [] };
  if (!pod && !observer.pod(uid) && !volumes.pods.has(uid)) return forget(parts, uid);
  // The cache may show the pod a little longer than the API has it.
  if (pod && memories.of(uid).deletionFinished) return { steps: [] };

  const view = viewOf(parts, uid, pod);
  const wanted = pod && !pod.metadata.deletionTimestamp;
  if (!wanted) images.forget(uid);
  // Probes follow the containers that run; they are timers of ours, not deeds.
  probes.sync(uid, wanted ? probed(view) : []);
  if (pod && !admitted(parts, view)) return { steps: [{ type: 'admit', reason: 'this node may not take the pod' }] };
  return planPod(view, node.engine);
}

function forget({ memories, pods, writer, images, probes }: Parts, uid: string): Plan<PodStep> {
  for (const part of [memories, pods, writer, images]) part.forget(uid);
  probes.sync(uid, []);
  return { steps: [] };
}

/** True also for pods that were refused and are known to be; false asks for a closer look. */
function admitted(parts: Parts, { uid, pod, known, runtime }: PodView): boolean {
  const memory = parts.memories.of(uid);
  if (memory.admitted || memory.rejection) return true;
  const begun = runtime !== undefined || known.startTime !== undefined || pod!.metadata.deletionTimestamp !== undefined;
  memory.admitted = begun || !reject(pod!, admittedPods(parts, uid), parts.node.offer!);
  return memory.admitted;
}
