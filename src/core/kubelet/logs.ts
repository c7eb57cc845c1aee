/** Logs of the containers of this node, refused in the words of kubelet's GetKubeletContainerLogs. */
import { Pod } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import type { LogOptions } from '../api/request.ts';
import { type ApiError, badRequest, notFound } from '../api/status.ts';
import type { ContainerStatus } from '../api/types/container-status.ts';
import type { PodStatus } from '../api/types/pod.ts';
import type { LogQuery, Runtime } from '../runtime/runtime.ts';
import type { Parts } from './parts.ts';
import { containerOf, instancesOf } from './plan/instances.ts';

export interface LogRequest {
  namespace: string;
  pod: string;
  options: LogOptions;
}

/** Throws ApiError before the first byte. */
export async function* podLogs(
  parts: Pick<Parts, 'pods' | 'observer' | 'writer' | 'runtime' | 'clock'>,
  { namespace, pod: name, options }: LogRequest,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { pods, observer, writer, runtime, clock } = parts;
  const pod = pods.find(namespace, name);
  if (!pod) throw notFound(Pod, name);
  const container = chooseContainer(pod, options.container);
  const status = statusOf(writer.known(pod), container);
  const { newest, previous } = instancesOf(observer.pod(pod.metadata.uid), container);
  // The one before, as the status tells it: while a container waits to be started again, that is the newest.
  const before = status?.lastState.terminated?.containerID;
  const shown = options.previous ? [newest, previous].find((c) => c && before?.endsWith(`//${c.id}`)) : newest;
  if (!shown || shown.state === 'created') throw noLog(`container "${container}" in pod "${name}"`, status, options);
  yield* limited(runtime.logs(shown.id, queryOf(options, clock.now()), signal), options.limitBytes);
}

function statusOf(status: PodStatus, container: string): ContainerStatus | undefined {
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return all.find((s) => s.name === container);
}

function chooseContainer(pod: Stored<Pod>, asked: string | undefined): string {
  const { name } = pod.metadata;
  if (asked) {
    if (!containerOf(pod, asked)) throw badRequest(`container ${asked} is not valid for pod ${name}`);
    return asked;
  }
  const names = pod.spec.containers.map((c) => c.name);
  if (names.length === 1) return names[0]!;
  throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${names.join(' ')}]`);
}

function noLog(where: string, status: ContainerStatus | undefined, { previous }: LogOptions): ApiError {
  if (previous) return badRequest(`previous terminated ${where} not found`);
  return badRequest(`${where} is waiting to start: ${status?.state.waiting?.reason ?? 'ContainerCreating'}`);
}

function queryOf(options: LogOptions, now: number): LogQuery {
  const { follow = false, timestamps = false, tailLines, sinceSeconds, sinceTime, stream = 'All' } = options;
  const since =
    sinceSeconds === undefined ? (sinceTime ? Date.parse(sinceTime) : undefined) : now - sinceSeconds * 1000;
  return {
    follow,
    timestamps,
    ...(tailLines !== undefined && { tailLines }),
    ...(since !== undefined && { since }),
    ...(stream !== 'All' && { stream: stream === 'Stdout' ? 'stdout' : 'stderr' }),
  };
}

async function* limited(
  chunks: ReturnType<Runtime['logs']>,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<Uint8Array> {
  let left = limit;
  for await (const chunk of chunks) {
    yield chunk.length > left ? chunk.subarray(0, left) : chunk;
    left -= chunk.length;
    if (left <= 0) return;
  }
}
