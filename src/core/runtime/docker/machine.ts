/** One machine of a cluster as a Runtime: the containers of the engine that carry its labels. */
import type { Clock } from '../../async/clock.ts';
import type { Random } from '../../async/random.ts';
import {
  type ContainerConfig,
  ImageError,
  type ImageInfo,
  type LogQuery,
  type PullProgress,
  type Runtime,
  type RuntimeEvent,
  type RuntimeInfo,
  type RuntimePod,
  type SandboxConfig,
} from '../runtime.ts';
import { ask, type Docker, EngineError, ignoring } from './client.ts';
import { containerOptions, sandboxOptions } from './create.ts';
import type { EventFeed } from './events.ts';
import { labels, type Place } from './labels.ts';
import { Observer } from './observe.ts';
import { containerLogs, runCommand } from './output.ts';
import { inspectImage, pullImage } from './pull.ts';

export interface DockerMachineOptions extends Place {
  docker: Docker;
  events: EventFeed;
  clock: Clock;
  random: Random;
  /** Brings the pause image back when somebody pruned it. */
  ensurePauseImage(): Promise<void>;
  /** The machine's own address, where host ports are bound; absent is every address of the host. */
  address?: string;
}

export class DockerMachine implements Runtime {
  readonly #options: DockerMachineOptions;
  readonly #docker: Docker;
  readonly #observer: Observer;
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();
  readonly #unsubscribe: () => void;

  constructor(options: DockerMachineOptions) {
    this.#options = options;
    this.#docker = options.docker;
    this.#observer = new Observer(options.docker, options);
    this.#unsubscribe = options.events.subscribe(options, (event) => {
      // Before any listener looks: the next observation has to see what was just told.
      this.#observer.forget(event.containerId);
      for (const listener of [...this.#listeners]) listener(event);
    });
  }

  async info(): Promise<RuntimeInfo> {
    const info = await ask(this.#docker.info());
    return {
      version: `docker://${info.ServerVersion}`,
      cpus: info.NCPU,
      memoryBytes: info.MemTotal,
      operatingSystem: info.OSType,
      osImage: info.OperatingSystem,
      kernelVersion: info.KernelVersion,
      architecture: architectureName(info.Architecture),
    };
  }

  listPods(): Promise<RuntimePod[]> {
    return this.#observer.listPods();
  }

  async runSandbox(config: SandboxConfig): Promise<string> {
    const container = await this.#createSandbox(config);
    try {
      await ask(container.start());
      return container.id;
    } catch (error) {
      await this.#remove(container.id);
      throw error;
    }
  }

  async #createSandbox(config: SandboxConfig): Promise<Docker.Container> {
    const create = () => ask(this.#docker.createContainer(sandboxOptions(this.#options, config)));
    try {
      return await create();
    } catch (error) {
      if (!(error instanceof EngineError && error.statusCode === 404)) throw error;
      await this.#options.ensurePauseImage();
      return create();
    }
  }

  async removeSandbox(id: string): Promise<void> {
    const filters = { label: [`${labels.sandboxID}=${id}`] };
    const containers = await ask(this.#docker.listContainers({ all: true, filters }));
    await Promise.all(containers.map(({ Id }) => this.#remove(Id)));
    await this.#remove(id);
  }

  async startContainer(sandboxId: string, config: ContainerConfig): Promise<string> {
    const container = await this.#createContainer(sandboxId, config);
    await ask(container.start());
    return container.id;
  }

  async #createContainer(sandboxId: string, config: ContainerConfig): Promise<Docker.Container> {
    try {
      return await ask(this.#docker.createContainer(containerOptions(this.#options, sandboxId, config)));
    } catch (error) {
      if (!(error instanceof EngineError && /^No such image/i.test(error.message))) throw error;
      throw new ImageError('ErrImagePull', `No such image: ${config.image}`);
    }
  }

  async stopContainer(id: string, graceSeconds: number): Promise<void> {
    const stop = this.#docker.getContainer(id).stop({ t: Math.ceil(graceSeconds) });
    // 304: it has ended already.
    await ask(stop).catch(ignoring(304, 404));
  }

  removeContainer(id: string): Promise<void> {
    return this.#remove(id);
  }

  async #remove(id: string): Promise<void> {
    await removeContainer(this.#docker, id);
    this.#observer.forget(id);
  }

  inspectImage(image: string): Promise<ImageInfo | undefined> {
    return inspectImage(this.#docker, image);
  }

  pullImage(image: string, onProgress: (p: PullProgress) => void, signal: AbortSignal): Promise<void> {
    return pullImage(this.#docker, image, onProgress, signal);
  }

  logs(containerId: string, query: LogQuery, signal: AbortSignal): AsyncIterable<Uint8Array> {
    return containerLogs(this.#docker, containerId, query, signal);
  }

  exec(containerId: string, command: readonly string[], timeoutMs: number) {
    return runCommand(this.#docker, { clock: this.#options.clock, containerId, command, timeoutMs });
  }

  subscribe(listener: (event: RuntimeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#unsubscribe();
    this.#listeners.clear();
  }
}

/** With its anonymous volumes; resolves when it is gone, whoever removes it. */
export async function removeContainer(docker: Docker, id: string): Promise<void> {
  const container = docker.getContainer(id);
  try {
    await ask(container.remove({ force: true, v: true }));
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    // 409: «removal of container … is already in progress».
    if (error.statusCode === 409) await ask(container.wait({ condition: 'removed' })).catch(ignoring(404));
    else if (error.statusCode !== 404) throw error;
  }
}

/** Docker's info has the kernel's names, nodes and images have Go's. */
function architectureName(kernelName: string): string {
  return { x86_64: 'amd64', aarch64: 'arm64' }[kernelName] ?? kernelName;
}
