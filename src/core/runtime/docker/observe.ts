/**
 * What runs on a machine, from one list call and an inspection of each container that changed since the last look.
 * The list alone is not enough: it has no exit codes, and it may still say `running` when `die` has been told already
 * (the engine publishes to the list after the event), while an inspection waits for the change to be complete.
 */
import type { ContainerInfo, ContainerInspectInfo } from 'dockerode';
import type { RuntimeContainer, RuntimePod } from '../runtime.ts';
import { ask, type Docker, EngineError, inBatches } from './client.ts';
import { annotationsOf, filterOf, labels, type Place, podOf, sandboxName } from './labels.ts';

export class Observer {
  readonly #docker: Docker;
  readonly #place: Place;
  readonly #inspected = new Map<string, { listedState: string; details: Promise<ContainerInspectInfo | undefined> }>();

  constructor(docker: Docker, place: Place) {
    this.#docker = docker;
    this.#place = place;
  }

  /** Something happened to the container; without an id, to any of them. */
  forget(id?: string): void {
    if (id === undefined) this.#inspected.clear();
    else this.#inspected.delete(id);
  }

  async listPods(): Promise<RuntimePod[]> {
    const filters = filterOf(this.#place);
    const listed = await ask(this.#docker.listContainers({ all: true, filters }));
    const listedIDs = new Set(listed.map(({ Id }) => Id));
    for (const id of this.#inspected.keys()) if (!listedIDs.has(id)) this.#inspected.delete(id);

    const details = await inBatches(listed, (info) => this.#inspect(info));
    return groupByPod(details.filter((info) => info !== undefined));
  }

  /** Undefined when it was removed meanwhile. */
  async #inspect({ Id, State }: ContainerInfo): Promise<ContainerInspectInfo | undefined> {
    const known = this.#inspected.get(Id);
    if (known?.listedState === State) return known.details;
    const entry = { listedState: State, details: inspectOrUndefined(this.#docker, Id) };
    this.#inspected.set(Id, entry);
    try {
      return await entry.details;
    } catch (error) {
      if (this.#inspected.get(Id) === entry) this.#inspected.delete(Id);
      throw error;
    }
  }
}

async function inspectOrUndefined(docker: Docker, id: string): Promise<ContainerInspectInfo | undefined> {
  try {
    return await ask(docker.getContainer(id).inspect());
  } catch (error) {
    if (error instanceof EngineError && error.statusCode === 404) return undefined;
    throw error;
  }
}

/** The engine lists the newest first. */
function groupByPod(newestFirst: readonly ContainerInspectInfo[]): RuntimePod[] {
  const pods = new Map<string, RuntimePod>();
  for (const details of newestFirst) {
    const identity = podOf(details.Config.Labels);
    const pod = pods.get(identity.uid) ?? { identity, sandboxes: [], containers: [] };
    pods.set(identity.uid, pod);
    if (details.Config.Labels[labels.containerName] === sandboxName) pod.sandboxes.push(sandboxOf(details));
    else pod.containers.unshift(containerOf(details));
  }
  return [...pods.values()];
}

function sandboxOf(details: ContainerInspectInfo): RuntimePod['sandboxes'][number] {
  const ip = Object.values(details.NetworkSettings.Networks).find(({ IPAddress }) => IPAddress !== '')?.IPAddress;
  return {
    id: details.Id,
    // One that was created and never started, because we were killed in between, is of no use: ended.
    state: details.State.Running ? 'running' : 'exited',
    ...(ip !== undefined && { ip }),
    createdAt: Date.parse(details.Created),
    annotations: annotationsOf(details.Config.Labels),
  };
}

export function containerOf(details: ContainerInspectInfo): RuntimeContainer {
  const { State, Config } = details;
  const startedAt = timeOf(State.StartedAt);
  const state = State.Running ? 'running' : State.Status === 'created' && !State.Error ? 'created' : 'exited';
  // A container that could not start is `created` to the engine, with the reason in Error and no time of ending.
  const finishedAt = timeOf(State.FinishedAt) ?? Date.parse(details.Created);
  return {
    id: details.Id,
    name: Config.Labels[labels.containerName] ?? '',
    specHash: Config.Labels[labels.specHash] ?? '',
    image: Config.Image,
    imageID: `docker://${details.Image}`,
    state,
    createdAt: Date.parse(details.Created),
    ...(startedAt !== undefined && { startedAt }),
    ...(state === 'exited' && { finishedAt, exitCode: State.ExitCode, oomKilled: State.OOMKilled }),
    ...(State.Error && { error: State.Error }),
    annotations: annotationsOf(Config.Labels),
  };
}

/** Docker writes year 1 for what has not happened. */
function timeOf(text: string): number | undefined {
  const time = Date.parse(text);
  return time > 0 ? time : undefined;
}
