/** The longest step: environment, mounts, the start itself, what may go wrong with each, and the hook afterwards. */
import type { Pod } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import type { Container } from '../api/types/container.ts';
import { type ContainerConfig, ImageError, RuntimeGoneError } from '../runtime/runtime.ts';
import { ConfigError } from './config/config-error.ts';
import { containerConfig } from './config/container.ts';
import type { PodPlace } from './config/downward.ts';
import { environment } from './config/env.ts';
import { mountsOf } from './config/mounts.ts';
import { hostnameOf } from './config/sandbox.ts';
import { type Parts, partOf, say } from './parts.ts';
import { containerOf, instancesOf, restartCountOf, runningSandbox } from './plan/instances.ts';
import type { PodStep } from './plan/steps.ts';
import { runHook } from './probes/hooks.ts';

type StartStep = Extract<PodStep, { type: 'startContainer' }>;
interface Start {
  pod: Stored<Pod>;
  container: Container;
  step: StartStep;
}

/** A hook has no time limit of its own; so long it can keep a container from being ready. */
const postStartMs = 600_000;

export async function startContainer(parts: Parts, pod: Stored<Pod>, step: StartStep): Promise<void> {
  const container = containerOf(pod, step.container);
  const sandboxID = runningSandbox(parts.observer.pod(pod.metadata.uid))?.id;
  if (!container || !sandboxID) return;
  const start: Start = { pod, container, step };
  let config: ContainerConfig;
  try {
    config = await configOf(parts, start, sandboxID);
  } catch (error) {
    // Errors of the API are no fault of the spec: the runner tries again.
    if (!(error instanceof ConfigError)) throw error;
    failed(parts, start, 'CreateContainerConfigError', error.message);
    return;
  }
  try {
    const id = await parts.runtime.startContainer(sandboxID, config);
    started(parts, start, id);
  } catch (error) {
    if (error instanceof RuntimeGoneError) throw error;
    await parts.observer.look();
    notStarted(parts, start, error as Error);
  }
  parts.images.used(pod.metadata.uid, container.name);
  await parts.observer.look();
  parts.replan(pod.metadata.uid);
}

export function placeOf({ identity, node, observer }: Parts, { spec, metadata }: Stored<Pod>): PodPlace {
  const podIP = spec.hostNetwork ? identity.address : runningSandbox(observer.pod(metadata.uid))?.ip;
  return { hostIP: identity.address, podIP, capacity: node.offer! };
}

async function configOf(parts: Parts, { pod, container, step }: Start, sandboxID: string): Promise<ContainerConfig> {
  const { client, services, images, volumes } = parts;
  const { restartCount, backOffSeconds } = step;
  const { namespace, uid } = pod.metadata;
  const found = images.state(uid, { container: container.name, restartCount, image: container.image ?? '' });
  if (found.state !== 'present') throw new ConfigError(`image ${container.image} is not ready`);
  const hostname = hostnameOf(pod);
  const place = placeOf(parts, pod);
  const visible = [...services.byIndex('namespace', 'default'), ...services.byIndex('namespace', namespace)];
  const variables = await environment({ pod, container, place, hostname, client, services: visible });
  const mounts = await mountsOf(volumes, { pod, container, variables, restartCount, hostname, podIP: place.podIP });
  return containerConfig({
    pod,
    container,
    image: found.image,
    variables,
    ...mounts,
    sandboxID,
    restartCount,
    backOffSeconds,
  });
}

function started(parts: Parts, { pod, container }: Start, id: string): void {
  const { uid } = pod.metadata;
  const part = partOf(pod, container.name);
  parts.memories.tries.succeeded(uid, container.name);
  say(parts, pod, part, { type: 'Normal', reason: 'created', message: 'Container created' });
  say(parts, pod, part, { type: 'Normal', reason: 'started', message: 'Container started' });
  void runPostStart(parts, { pod, container }, id);
}

/** Until it has succeeded the container counts as not started; when it fails the container is stopped. */
async function runPostStart(
  parts: Parts,
  { pod, container }: Pick<Start, 'pod' | 'container'>,
  id: string,
): Promise<void> {
  const hook = container.lifecycle?.postStart;
  if (!hook) return;
  const { uid } = pod.metadata;
  const { postStart } = parts.memories.of(uid);
  postStart.set(container.name, { id });
  const podIP = placeOf(parts, pod).podIP ?? parts.identity.address;
  const failure = await runHook(parts, hook, { containerID: id, container, podIP, timeoutMs: postStartMs });
  if (failure === undefined) {
    postStart.delete(container.name);
  } else {
    postStart.set(container.name, { id, failure: 'failed postStart hook' });
    const message = `PostStartHook failed: ${failure}`;
    say(parts, pod, partOf(pod, container.name), { type: 'Warning', reason: 'failedPostStartHook', message });
  }
  parts.replan(uid);
}

function notStarted(parts: Parts, start: Start, error: Error): void {
  const { pod, container, step } = start;
  const { newest } = instancesOf(parts.observer.pod(pod.metadata.uid), container.name);
  const leftBehind = newest?.state === 'exited' && restartCountOf(newest) === step.restartCount;
  // One that is left behind counts as an instance that ended, and is restarted by policy and with back-off.
  if (leftBehind) sayFailed(parts, start, error.message);
  // An image that somebody removed since it was found is looked for again.
  else failed(parts, start, error instanceof ImageError ? error.reason : 'CreateContainerError', error.message);
}

function failed(parts: Parts, start: Start, reason: string, message: string): void {
  const { uid } = start.pod.metadata;
  parts.memories.tries.failed(uid, start.container.name, { reason, message, now: parts.clock.now() });
  sayFailed(parts, start, message);
  parts.replan(uid);
}

function sayFailed(parts: Parts, { pod, container }: Start, message: string): void {
  say(parts, pod, partOf(pod, container.name), { type: 'Warning', reason: 'failed', message: `Error: ${message}` });
}
