/** One function for each type of step: what plan.ts asks for is done here, through the runtime and the API. */
import { Pod } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import { isConflict, isNotFound } from '../api/status.ts';
import type { Executors } from '../reconcile/controller.ts';
import { RuntimeGoneError } from '../runtime/runtime.ts';
import { reject } from './admission.ts';
import { sandboxConfig } from './config/sandbox.ts';
import { unsupportedFields } from './config/unsupported.ts';
import { placeOf, startContainer } from './container-start.ts';
import { admittedPods } from './gather.ts';
import { type Parts, partOf, say } from './parts.ts';
import { happenings } from './plan/happenings.ts';
import { containerOf } from './plan/instances.ts';
import type { PodStep } from './plan/steps.ts';

type StepOf<T extends PodStep['type']> = Extract<PodStep, { type: T }>;
type Execute<T extends PodStep['type']> = (parts: Parts, pod: Stored<Pod>, step: StepOf<T>) => Promise<void>;

export function executors(parts: Parts): Executors<PodStep> {
  const { runtime, pods, volumes, observer } = parts;
  /** A deed that finds the engine gone ends the plan; the look notices when it is back, and all is planned anew. */
  const attempt = async (deed: Promise<unknown>) => {
    try {
      await deed;
    } catch (error) {
      if (error instanceof RuntimeGoneError) observer.glance();
      throw error;
    }
  };
  /** The pod may have gone since it was planned; then so has the wish. */
  const ofPod =
    <T extends PodStep['type']>(execute: Execute<T>) =>
    async (step: StepOf<T>, uid: string) => {
      const pod = pods.get(uid);
      if (pod) await attempt(execute(parts, pod, step));
    };
  /** The next plan has to see what was done. */
  const thenLook = async (deed: Promise<unknown>) => {
    await attempt(deed);
    await observer.look();
  };
  return {
    admit: ofPod(admit),
    writeStatus: ofPod(writeStatus),
    getImage: ofPod(getImage),
    setUpVolumes: ofPod(setUpVolumes),
    runSandbox: ofPod(runSandbox),
    startContainer: ofPod(startContainer),
    stopContainer: async (step, uid) => stopContainer(parts, uid, step),
    removeContainer: ({ id }) => thenLook(runtime.removeContainer(id)),
    stopSandbox: ({ id }) => thenLook(runtime.stopContainer(id, 0)),
    removeSandbox: ({ id }) => thenLook(runtime.removeSandbox(id)),
    removeVolumes: async (_, uid) => {
      await volumes.remove(uid);
      parts.memories.of(uid).volumesReady = false;
      parts.replan(uid);
    },
    finishDeletion: ofPod(finishDeletion),
  };
}

const admit: Execute<'admit'> = async (parts, pod) => {
  const { uid } = pod.metadata;
  const memory = parts.memories.of(uid);
  // Somebody may have labelled the node a moment ago; a refusal is final, so it is made from what the API has now.
  const offer = { ...parts.node.offer!, labels: await parts.node.freshLabels() };
  const rejection = reject(pod, admittedPods(parts, uid), offer);
  if (rejection) {
    const { event, reason, message } = rejection;
    memory.rejection = { reason, message };
    say(parts, pod, '', { type: 'Warning', reason: event, message });
  } else {
    memory.admitted = true;
  }
  parts.replan(uid);
};

const writeStatus: Execute<'writeStatus'> = async (parts, pod, { status }) => {
  const { namespace, name, uid, deletionTimestamp } = pod.metadata;
  const before = parts.writer.known(pod);
  // That the containers of a deleted pod end is no news.
  const news = deletionTimestamp ? [] : happenings(before, status, `${name}_${namespace}(${uid})`);
  for (const { part, ...saying } of news) say(parts, pod, part, saying);
  parts.writer.write(pod, status);
};

const getImage: Execute<'getImage'> = async (parts, pod, { container: name, restartCount }) => {
  const container = containerOf(pod, name);
  if (!container) return;
  parts.images.get({
    pod: pod.metadata.uid,
    container: name,
    restartCount,
    image: container.image ?? '',
    policy: container.imagePullPolicy ?? 'IfNotPresent',
    say: (type, reason, message) => say(parts, pod, partOf(pod, name), { type, reason, message }),
  });
};

const setUpVolumes: Execute<'setUpVolumes'> = async (parts, pod) => {
  const { uid } = pod.metadata;
  const { memories, clock, volumes } = parts;
  const memory = memories.of(uid);
  try {
    await volumes.setUp(pod, placeOf(parts, pod));
    memory.volumesReady = true;
    memory.filesAt = clock.now();
    memories.tries.succeeded(uid, 'volumes');
  } catch (error) {
    const { message } = error as Error;
    memories.tries.failed(uid, 'volumes', { reason: 'failedMount', message, now: clock.now() });
    say(parts, pod, '', { type: 'Warning', reason: 'failedMount', message });
  }
  parts.replan(uid);
};

const runSandbox: Execute<'runSandbox'> = async (parts, pod) => {
  const { runtime, addresses, memories, clock, observer } = parts;
  const { uid } = pod.metadata;
  const fields = unsupportedFields(pod.spec);
  if (fields.length > 0) {
    const message = `this kubelet leaves out: ${fields.join(', ')}`;
    say(parts, pod, '', { type: 'Warning', reason: 'unsupportedFields', message });
  }
  let ip: string | undefined;
  try {
    ip = pod.spec.hostNetwork ? undefined : addresses.reserve();
    await runtime.runSandbox(sandboxConfig(pod, ip, parts.clusterDNS));
    memories.tries.succeeded(uid, 'sandbox');
  } catch (error) {
    if (error instanceof RuntimeGoneError) throw error;
    const message = `Failed to create pod sandbox: ${(error as Error).message}`;
    memories.tries.failed(uid, 'sandbox', { reason: 'failedCreatePodSandBox', message, now: clock.now() });
    say(parts, pod, '', { type: 'Warning', reason: 'failedCreatePodSandBox', message });
  } finally {
    await observer.look();
    if (ip !== undefined) addresses.release(ip);
  }
  parts.replan(uid);
};

/** Also of pods that are gone, whose spec nobody has any more: they are stopped without a hook. */
function stopContainer(parts: Parts, uid: string, step: StepOf<'stopContainer'>): void {
  const { pods, stops, memories, observer, identity } = parts;
  const { id, container: name, graceSeconds, restart, reason } = step;
  const pod = pods.get(uid);
  if (restart) memories.of(uid).mustRestart.set(name, id);
  if (pod) {
    const words = pod.metadata.deletionTimestamp ? `Stopping container ${name}` : `Container ${name}: ${reason}`;
    const message = restart ? `Container ${name} ${reason}, will be restarted` : words;
    say(parts, pod, partOf(pod, name), { type: 'Normal', reason: 'killing', message });
  }
  const container = (pod && containerOf(pod, name)) ?? { name, resources: {} };
  const podIP = observer.pod(uid)?.sandboxes[0]?.ip ?? identity.address;
  stops.begin({ pod: uid, containerID: id, container, graceSeconds, podIP });
}

const finishDeletion: Execute<'finishDeletion'> = async ({ client, writer, memories }, pod) => {
  const { namespace, name, uid } = pod.metadata;
  await writer.settled(uid);
  try {
    await client.delete(Pod, namespace, name, { gracePeriodSeconds: 0, preconditions: { uid } });
  } catch (error) {
    // It went by itself, or another pod has its name now.
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
  memories.of(uid).deletionFinished = true;
};
