/**
 * Pods on a Docker engine. The only folder that imports dockerode; beside it, core/async and core/runtime.
 */
import type { Clock } from '../../async/clock.ts';
import type { Logger } from '../../async/log.ts';
import type { Random } from '../../async/random.ts';
import type { Runtime } from '../runtime.ts';
import { ask, type Docker, ignoring, inBatches, openDocker } from './client.ts';
import { EventFeed } from './events.ts';
import { type ImageConfig, importRootfs } from './import.ts';
import { filterOf, labels, type Place, sandboxName } from './labels.ts';
import { DockerMachine, removeContainer } from './machine.ts';
import { type ClusterNetwork, ensureNetwork, type NetworkWishes, removeNetworks, usedSubnets } from './network.ts';
import { type Architecture, pauseEntrypoint, pauseFiles, pauseImage } from './pause.ts';
import type { TarEntry } from './tar.ts';

export { NoEngineError } from './client.ts';
export type { ClusterNetwork } from './network.ts';

export interface ConnectOptions {
  /** Path of the engine's socket; absent is DOCKER_HOST, else /var/run/docker.sock. */
  socket?: string;
  clock: Clock;
  random: Random;
  log: Logger;
}

export interface ClusterOnEngine {
  name: string;
  machines: string[];
  containers: number;
  running: number;
}

/** One engine, shared by all machines of a process: everything about it that is not about one machine. */
export interface DockerEngine {
  /** `20.10.24`. */
  readonly version: string;
  /** The containers of one machine. Its cluster's network has to be there before a sandbox runs. */
  machine(machine: Place & { address?: string }): Runtime;
  ensurePauseImage(): Promise<void>;
  ensureNetwork(wanted: NetworkWishes): Promise<ClusterNetwork>;
  usedSubnets(): Promise<string[]>;
  /** Ends the containers and keeps them, sandboxes last. Each gets its own grace, unless `kill`: as a crash would. */
  stopMachine(place: Place, how: { kill: boolean }): Promise<void>;
  /** Removes every container and network that carries the cluster's label. */
  removeCluster(cluster: string): Promise<void>;
  removeMachine(place: Place): Promise<void>;
  listClusters(): Promise<ClusterOnEngine[]>;
  /** Makes an image from files, once. */
  importRootfs(name: string, files: () => TarEntry[] | Promise<TarEntry[]>, config: ImageConfig): Promise<void>;
  close(): Promise<void>;
}

/** Rejects with NoEngineError, which says where it looked and what to do. */
export async function connectDocker(options: ConnectOptions): Promise<DockerEngine> {
  const { docker, version } = await openDocker(options.socket);
  const events = new EventFeed({ docker, clock: options.clock, log: options.log });
  await events.start();
  return new Engine(docker, version, events, options);
}

class Engine implements DockerEngine {
  readonly version: string;
  readonly #docker: Docker;
  readonly #events: EventFeed;
  readonly #options: ConnectOptions;

  constructor(docker: Docker, version: string, events: EventFeed, options: ConnectOptions) {
    this.#docker = docker;
    this.version = version;
    this.#events = events;
    this.#options = options;
  }

  machine(machine: Place & { address?: string }): Runtime {
    const { clock, random } = this.#options;
    const ensurePauseImage = () => this.ensurePauseImage();
    return new DockerMachine({
      ...machine,
      docker: this.#docker,
      events: this.#events,
      clock,
      random,
      ensurePauseImage,
    });
  }

  ensurePauseImage(): Promise<void> {
    const files = async () => {
      const { Architecture } = await ask(this.#docker.info());
      const architectures: Record<string, Architecture> = { x86_64: 'amd64', aarch64: 'arm64' };
      const architecture = architectures[Architecture];
      if (!architecture) throw new Error(`no pause program for ${Architecture}: this engine cannot run pods`);
      return pauseFiles(architecture);
    };
    return importRootfs(this.#docker, pauseImage, files, { entrypoint: pauseEntrypoint });
  }

  ensureNetwork(wanted: NetworkWishes): Promise<ClusterNetwork> {
    return ensureNetwork(this.#docker, this.version, wanted);
  }

  usedSubnets(): Promise<string[]> {
    return usedSubnets(this.#docker);
  }

  async removeCluster(cluster: string): Promise<void> {
    await this.#remove({ cluster });
    await removeNetworks(this.#docker, cluster);
  }

  removeMachine(place: Place): Promise<void> {
    return this.#remove(place);
  }

  async listClusters(): Promise<ClusterOnEngine[]> {
    const filters = { label: [labels.cluster] };
    const containers = await ask(this.#docker.listContainers({ all: true, filters }));
    const networks = await ask(this.#docker.listNetworks({ filters }));
    const clusters = new Map<string, { machines: Set<string>; containers: number; running: number }>();
    const clusterOf = (of: Readonly<Record<string, string>>) => {
      const name = of[labels.cluster]!;
      const found = clusters.get(name) ?? { machines: new Set(), containers: 0, running: 0 };
      clusters.set(name, found);
      return found;
    };
    for (const { Labels } of networks) clusterOf(Labels ?? {});
    for (const { Labels, State } of containers) {
      const cluster = clusterOf(Labels);
      cluster.machines.add(Labels[labels.machine]!);
      cluster.containers++;
      if (State === 'running') cluster.running++;
    }
    return [...clusters].map(([name, found]) => ({ name, ...found, machines: [...found.machines].sort() }));
  }

  importRootfs(name: string, files: () => TarEntry[] | Promise<TarEntry[]>, config: ImageConfig): Promise<void> {
    return importRootfs(this.#docker, name, files, config);
  }

  close(): Promise<void> {
    return this.#events.stop();
  }

  async stopMachine(place: Place, { kill }: { kill: boolean }): Promise<void> {
    const running = await ask(this.#docker.listContainers({ filters: filterOf(place) }));
    const isSandbox = (of: Readonly<Record<string, string>>) => of[labels.containerName] === sandboxName;
    const end = async ({ Id }: { Id: string }, how: 'stop' | 'kill') => {
      const container = this.#docker.getContainer(Id);
      // 304 and 409: it ended by itself.
      await ask((how === 'kill' ? container.kill() : container.stop()) as Promise<unknown>).catch(
        ignoring(304, 404, 409),
      );
    };
    const containers = running.filter(({ Labels }) => !isSandbox(Labels));
    const sandboxes = running.filter(({ Labels }) => isSandbox(Labels));
    await inBatches(containers, (container) => end(container, kill ? 'kill' : 'stop'));
    await inBatches(sandboxes, (sandbox) => end(sandbox, 'kill'));
  }

  async #remove(place: { cluster: string; machine?: string }): Promise<void> {
    const containers = await ask(this.#docker.listContainers({ all: true, filters: filterOf(place) }));
    await inBatches(containers, ({ Id }) => removeContainer(this.#docker, Id));
  }
}
