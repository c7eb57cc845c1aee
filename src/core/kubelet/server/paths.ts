/** What the kubelet's server answers, by the first word of the path. */
import type { ServerResponse } from 'node:http';
import type { Pod } from '../../api/kinds/index.ts';
import type { Stored } from '../../api/object.ts';
import { ApiError, badRequest } from '../../api/status.ts';
import { checkLogOptions } from '../../api/validation/log-options.ts';
import { folderListing } from '../../async/folder-listing.ts';
import { type HealthCheck, health, healthOf, ping } from '../../async/health.ts';
import { type LogFiles, logNames, readLogFile } from '../../async/log-files.ts';
import { streamText } from '../../async/streamed-answer.ts';
import { logOptionsOf } from '../../client/query.ts';
import { podLogs } from '../logs.ts';
import type { Parts } from '../parts.ts';
import { containerOf, instancesOf } from '../plan/instances.ts';

export interface Call {
  /** The path behind its first word. */
  readonly rest: readonly string[];
  readonly query: URLSearchParams;
  readonly response: ServerResponse;
}

export interface TextAnswer {
  readonly body: string | Buffer;
  /** 200 unless given. */
  readonly code?: number;
  /** Plain text unless given. */
  readonly contentType?: string;
}

export interface KubeletPath {
  readonly method: 'GET' | 'POST';
  /** Undefined when the handler has answered by itself. */
  answer(call: Call): Promise<TextAnswer | undefined>;
}

/** A command gets so long; the original set no limit. */
const runTimeoutMs = 60_000;

export function kubeletPaths(parts: Parts, logs: LogFiles, closing: AbortSignal): ReadonlyMap<string, KubeletPath> {
  const get = (answer: KubeletPath['answer']): KubeletPath => ({ method: 'GET', answer });
  return new Map([
    ['healthz', get(({ rest, query }) => healthz(parts, rest, query))],
    ['pods', get(async () => json({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: [...parts.pods.all()] }))],
    ['spec', get(() => machineInfo(parts))],
    ['containerLogs', get((call) => containerLogs(parts, call, closing))],
    ['logs', get(({ rest }) => logFile(logs, rest.join('/')))],
    ['run', { method: 'POST', answer: (call) => run(parts, call) }],
  ]);
}

const json = (value: object): TextAnswer => ({ body: JSON.stringify(value), contentType: 'application/json' });

async function healthz({ observer }: Parts, [part]: readonly string[], query: URLSearchParams): Promise<TextAnswer> {
  const docker: HealthCheck = async () => (observer.current ? undefined : 'the engine does not answer');
  // A wrong Host header does not come this far.
  const checks: Readonly<Record<string, HealthCheck>> = { ping, docker, hostname: ping };
  if (!part) return health('healthz', checks, query);
  const check = Object.hasOwn(checks, part) ? checks[part] : undefined;
  if (!check) throw new ApiError('NotFound', '404 page not found');
  return healthOf(part, check);
}

/** The members of cadvisor's MachineInfo that a runtime knows. */
async function machineInfo({ runtime, identity }: Parts): Promise<TextAnswer> {
  const { cpus, memoryBytes } = await runtime.info();
  const { machineID } = identity;
  return json({ num_cores: cpus, memory_capacity: memoryBytes, machine_id: machineID, system_uuid: machineID });
}

/** `/containerLogs/NAMESPACE/POD/CONTAINER`, with the options of pods/log and the older `tail`. */
async function containerLogs(parts: Parts, { rest, query, response }: Call, closing: AbortSignal): Promise<undefined> {
  const [namespace = '', name = '', container = ''] = rest;
  const tail = query.get('tail');
  if (tail && tail !== 'all') query.set('tailLines', tail);
  const options = { ...logOptionsOf(query), container };
  checkLogOptions(name, options);
  instance(parts, { namespace, name, container });
  const request = { namespace, pod: name, options };
  await streamText(response, {
    chunks: (signal) => podLogs(parts, request, signal),
    follow: options.follow ?? false,
    clock: parts.clock,
    closing,
  });
}

/** `/run/NAMESPACE/POD[/UID]/CONTAINER?cmd=ls+/`: its output, once it has ended well. */
async function run(parts: Parts, { rest, query }: Call): Promise<TextAnswer> {
  const [namespace = '', name = ''] = rest;
  const container = rest.slice(2).at(-1) ?? '';
  const { pod, newest } = instance(parts, { namespace, name, container });
  const uid = rest.length > 3 ? rest[2] : undefined;
  if (uid !== undefined && uid !== pod.metadata.uid) throw noPod(name);
  const command = (query.get('cmd') ?? '').split(' ').filter(Boolean);
  if (command.length === 0) throw badRequest('Missing cmd=, the command to run');
  if (newest?.state !== 'running') throw badRequest(`Container "${container}" does not run`);
  const { exitCode, output } = await parts.runtime.exec(newest.id, command, runTimeoutMs);
  if (exitCode !== 0) throw new Error(`command terminated with exit code ${exitCode}: ${output}`);
  return { body: output };
}

const noPod = (name: string) => new ApiError('NotFound', `Pod "${name}" does not exist`);

/** Throws NotFound in the words of the original. */
function instance({ pods, observer }: Parts, where: { namespace: string; name: string; container: string }) {
  const { namespace, name, container } = where;
  const pod: Stored<Pod> | undefined = pods.find(namespace, name);
  if (!pod) throw noPod(name);
  if (!containerOf(pod, container)) {
    throw new ApiError('NotFound', `Container "${container}" not found in Pod "${name}"`);
  }
  return { pod, newest: instancesOf(observer.pod(pod.metadata.uid), container).newest };
}

async function logFile(logs: LogFiles, name: string): Promise<TextAnswer> {
  if (name === '') return folderListing(logNames(logs));
  const body = await readLogFile(logs, name);
  if (!body) throw new ApiError('NotFound', '404 page not found');
  return { body };
}
