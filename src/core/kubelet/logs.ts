/** Logs of the containers of this node, with the answers that kubectl knows (kube-api-conventions.md §17). */
import { Pod } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import type { LogOptions } from '../api/request.ts';
import { badRequest, notFound } from '../api/status.ts';
import type { LogQuery, Runtime, RuntimeContainer } from '../runtime/runtime.ts';
import { containerOf, instancesOf } from './instances.ts';
import type { Parts } from './parts.ts';

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
  const { newest, previous } = instancesOf(observer.pod(pod.metadata.uid), container);
  const shown = options.previous ? (newest?.state === 'running' ? previous : newestEnded(newest, previous)) : newest;
  if (!shown || shown.state === 'created') throw noLog({ ...pod, status: writer.known(pod) }, container, options);
  const query = queryOf(options, clock.now());
  yield* limited(runtime.logs(shown.id, query, signal), options.limitBytes);
}

/** Of a container that is waiting to be started again, the instance that has ended is the newest and the previous one. */
function newestEnded(newest: RuntimeContainer | undefined, previous: RuntimeContainer | undefined) {
  return previous ?? newest;
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

function noLog({ metadata, status }: Stored<Pod>, container: string, { previous }: LogOptions) {
  const where = `container "${container}" in pod "${metadata.name}"`;
  if (previous) return badRequest(`previous terminated ${where} not found`);
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const reason = statuses.find((s) => s.name === container)?.state.waiting?.reason ?? 'ContainerCreating';
  return badRequest(`${where} is waiting to start: ${reason}`);
}

function queryOf(options: LogOptions, now: number): LogQuery {
  const { follow = false, timestamps = false, tailLines, sinceSeconds, sinceTime } = options;
  const since =
    sinceSeconds === undefined ? (sinceTime ? Date.parse(sinceTime) : undefined) : now - sinceSeconds * 1000;
  return { follow, timestamps, ...(tailLines !== undefined && { tailLines }), ...(since !== undefined && { since }) };
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
