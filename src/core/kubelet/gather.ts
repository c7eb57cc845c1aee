/** Puts together what a plan is made from. */
import type { Pod } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import { isFinished } from '../api/states.ts';
import type { Parts } from './parts.ts';
import { containerOf, runningSandbox } from './plan/instances.ts';
import type { PodFacts, PodView } from './plan/view.ts';
import type { Probed } from './probes/probes.ts';
import { hasFiles } from './volumes/volumes.ts';

/** How old the files of secrets and the like may get (Kubernetes: 60 to 90 s). */
const filesFreshMs = 60_000;

/** Pods of this node that were let in and have not ended, without `except`. */
export function admittedPods({ pods, memories, writer }: Parts, except: string): Stored<Pod>[] {
  return [...pods.all()].filter((pod) => {
    const { uid } = pod.metadata;
    return uid !== except && memories.of(uid).admitted && !isFinished({ status: writer.known(pod) });
  });
}

export function viewOf(parts: Parts, uid: string, pod: Stored<Pod> | undefined): PodView {
  const { observer, writer, identity, clock } = parts;
  return {
    uid,
    pod,
    known: pod ? writer.known(pod) : {},
    runtime: observer.pod(uid),
    facts: factsOf(parts, uid, pod),
    hostIP: identity.address,
    now: clock.now(),
  };
}

function factsOf(parts: Parts, uid: string, pod: Stored<Pod> | undefined): PodFacts {
  const { images, probes, stops, memories, observer, volumes, pods } = parts;
  const memory = memories.of(uid);
  const imageOf = (name: string) => containerOf(pod!, name)?.image ?? '';
  return {
    image: (container, restartCount) => images.state(uid, { container, restartCount, image: imageOf(container) }),
    probe: (id) => {
      const state = probes.state(uid, id);
      const hook = [...memory.postStart.values()].find((h) => h.id === id);
      if (!hook) return state;
      const failed = hook.failure === undefined ? state.failed : { message: hook.failure };
      return { ...state, started: false, failed };
    },
    stoppingUntil: (id) => stops.until(id),
    trouble: (what) => memories.tries.trouble(uid, what),
    volumesReady: memory.volumesReady,
    filesStale: !!pod && hasFiles(pod) && parts.clock.now() - memory.filesAt >= filesFreshMs,
    volumesOnDisk: volumes.pods.has(uid),
    mustRestart: ({ name, id }) => memory.mustRestart.get(name) === id,
    terminationMessage: (id) => observer.terminationMessage(id) || undefined,
    rejection: memory.rejection,
    deletionSeenAt: pods.deletionSeenAt(uid),
    orphanGraceSeconds: pods.graceOfGone(uid),
  };
}

/** The running containers, as the probes want to know them. */
export function probed({ pod, known, runtime, hostIP }: PodView): Probed[] {
  const sandbox = runningSandbox(runtime);
  const podIP = pod!.spec.hostNetwork ? hostIP : sandbox?.ip;
  if (podIP === undefined) return [];
  const statuses = [...(known.initContainerStatuses ?? []), ...(known.containerStatuses ?? [])];
  return (runtime?.containers ?? []).flatMap(({ id, name, state, startedAt = 0 }) => {
    const container = containerOf(pod!, name);
    if (state !== 'running' || !container) return [];
    const status = statuses.find((s) => s.containerID?.endsWith(`//${id}`));
    return [{ containerID: id, container, podIP, startedAt, wasReady: !!status?.ready, wasStarted: !!status?.started }];
  });
}
