/**
 * A machine that runs nothing and remembers everything: pods "run" as soon as they are told to, images are always
 * there, and tests say what goes wrong. It keeps Docker's order of events and Docker's refusals (ports, addresses),
 * so a kubelet that works on it works on the real thing; both pass test/contract/runtime.ts.
 */
import { release } from 'node:os';
import type { Clock } from '../async/clock.ts';
import type { Random } from '../async/random.ts';
import { type HollowContainer, HollowJournal, type HollowSandbox } from './hollow-journal.ts';
import { parseImageName } from './image-name.ts';
import {
  type ContainerConfig,
  ImageError,
  type ImageInfo,
  type LogQuery,
  type PodIdentity,
  type PullProgress,
  type Runtime,
  type RuntimeEvent,
  RuntimeGoneError,
  type RuntimeInfo,
  type RuntimePod,
  type SandboxConfig,
} from './runtime.ts';

export interface HollowOptions {
  clock: Clock;
  random: Random;
  /** Named in the log lines that its containers write. */
  machine?: string;
  cpus?: number;
  memoryBytes?: number;
  /** Keeps the pods across daemons: a new runtime on the same file adopts them, as Docker's containers are adopted. */
  stateFile?: string;
}

export type HollowMethod = Exclude<keyof Runtime, 'logs' | 'subscribe' | 'close'>;

/** A Runtime plus what a test, or `halt`, does to the machine from outside. */
export interface HollowRuntime extends Runtime {
  /** A container (or a sandbox) ends by itself. */
  exitContainer(id: string, exitCode: number, how?: { oomKilled: boolean }): void;
  /** Everything ends with 137, as when the machine is stopped; what is remembered stays. */
  stopAll(): void;
  writeLog(id: string, text: string): void;
  /** The image is not on the machine; pulling it brings it unless `pullable` is false. */
  lackImage(image: string, how: { pullable: boolean }): void;
  /** What every later exec answers; at first it is success without output. */
  answerExec(result: { exitCode: number; output: string }): void;
  /** The nth call of the method from now on (1 is the next) rejects, and changes nothing. */
  failCall(method: HollowMethod, nth: number, error?: Error): void;
  /** The engine goes away (every call rejects with RuntimeGoneError) or comes back. */
  setGone(gone: boolean): void;
}

const maxLogLines = 1000;

export function createHollowRuntime(options: HollowOptions): HollowRuntime {
  return new Hollow(options);
}

class Hollow implements HollowRuntime {
  readonly #options: HollowOptions;
  readonly #journal: HollowJournal;
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();
  readonly #lacking = new Map<string, { pullable: boolean }>();
  readonly #failures: { method: HollowMethod; callsLeft: number; error: Error }[] = [];
  /** Wakes followers of logs at every change. */
  readonly #wakers = new Set<() => void>();
  #execResult = { exitCode: 0, output: '' };
  #gone = false;

  constructor(options: HollowOptions) {
    this.#options = options;
    this.#journal = new HollowJournal(options.stateFile);
  }

  async info(): Promise<RuntimeInfo> {
    this.#enter('info');
    return {
      version: 'hollow://1',
      cpus: this.#options.cpus ?? 4,
      memoryBytes: this.#options.memoryBytes ?? 8 * 1024 ** 3,
      operatingSystem: 'linux',
      osImage: 'hollow',
      kernelVersion: release(),
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    };
  }

  async listPods(): Promise<RuntimePod[]> {
    this.#enter('listPods');
    const pods = new Map<string, RuntimePod>();
    const podOf = (identity: PodIdentity): RuntimePod => {
      const found = pods.get(identity.uid) ?? { identity: { ...identity }, sandboxes: [], containers: [] };
      pods.set(identity.uid, found);
      return found;
    };
    for (const { id, state, createdAt, config } of this.#journal.sandboxes.values()) {
      const ip = config.ip !== undefined && state === 'running' ? { ip: config.ip } : {};
      podOf(config.pod).sandboxes.unshift({ id, state, createdAt, ...ip, annotations: config.annotations });
    }
    for (const { config, status } of this.#journal.containers.values()) {
      podOf(config.pod).containers.push({ ...status });
    }
    return [...pods.values()];
  }

  async runSandbox(config: SandboxConfig): Promise<string> {
    this.#enter('runSandbox');
    this.#refuseTaken(config);
    const sandbox: HollowSandbox = { id: this.#newId(), state: 'running', createdAt: this.#now(), config };
    this.#journal.putSandbox(sandbox);
    this.#emit({ type: 'started', pod: config.pod, containerId: sandbox.id });
    return sandbox.id;
  }

  async removeSandbox(id: string): Promise<void> {
    this.#enter('removeSandbox');
    for (const { sandboxId, status } of [...this.#journal.containers.values()]) {
      if (sandboxId === id) this.#remove(status.id);
    }
    this.#remove(id);
  }

  async startContainer(sandboxId: string, config: ContainerConfig): Promise<string> {
    this.#enter('startContainer');
    if (this.#lacking.has(config.image)) throw new ImageError('ErrImagePull', `No such image: ${config.image}`);
    if (this.#journal.sandboxes.get(sandboxId)?.state !== 'running') {
      throw new Error(`cannot join network of a non running container: ${sandboxId}`);
    }
    const id = this.#newId();
    const now = this.#now();
    this.#journal.putContainer({
      sandboxId,
      config,
      status: {
        id,
        name: config.name,
        specHash: config.specHash,
        image: config.image,
        imageID: `hollow://${config.image}`,
        state: 'running',
        createdAt: now,
        startedAt: now,
        annotations: config.annotations,
      },
      log: [{ at: now, text: `${config.name} runs on ${this.#options.machine ?? 'a hollow machine'}` }],
    });
    this.#emit({ type: 'started', pod: config.pod, containerId: id });
    return id;
  }

  async stopContainer(id: string, graceSeconds: number): Promise<void> {
    this.#enter('stopContainer');
    this.#end(id, graceSeconds > 0 ? 128 + 15 : 128 + 9, false);
  }

  async removeContainer(id: string): Promise<void> {
    this.#enter('removeContainer');
    this.#remove(id);
  }

  async inspectImage(image: string): Promise<ImageInfo | undefined> {
    this.#enter('inspectImage');
    parseImageName(image);
    return this.#lacking.has(image) ? undefined : { id: `hollow://${image}`, user: '' };
  }

  async pullImage(image: string, onProgress: (p: PullProgress) => void, signal: AbortSignal): Promise<void> {
    this.#enter('pullImage');
    parseImageName(image);
    signal.throwIfAborted();
    if (this.#lacking.get(image)?.pullable === false) {
      throw new ImageError('ErrImagePull', `Error: image ${image} not found`);
    }
    onProgress({ current: 1, total: 1, status: 'Pull complete' });
    this.#lacking.delete(image);
  }

  async *logs(containerId: string, query: LogQuery, signal: AbortSignal): AsyncIterable<Uint8Array> {
    if (this.#gone) throw new RuntimeGoneError('the hollow engine is gone');
    // Nothing runs here that could complain.
    const hears = query.stream !== 'stderr';
    const render = ({ at, text }: { at: number; text: string }) =>
      Buffer.from(query.timestamps ? `${new Date(at).toISOString()} ${text}\n` : `${text}\n`);
    const since = query.since ?? 0;
    let last: HollowContainer['log'][number] | undefined;
    for (let first = true; ; first = false) {
      const container = this.#journal.containers.get(containerId);
      if (!container) {
        if (first) throw new Error(`No such container: ${containerId}`);
        return;
      }
      const fresh = container.log.slice(last ? container.log.indexOf(last) + 1 : 0).filter(({ at }) => at >= since);
      const skipped = first && query.tailLines !== undefined ? Math.max(0, fresh.length - query.tailLines) : 0;
      last = container.log.at(-1);
      for (const line of hears ? fresh.slice(skipped) : []) yield render(line);
      if (!query.follow || signal.aborted || container.status.state === 'exited') return;
      // Every change puts a new object in its place; one that came while the reader was busy needs no waiting.
      if (this.#journal.containers.get(containerId) === container) await this.#nextChange(signal);
      if (signal.aborted) return;
    }
  }

  async exec(containerId: string): Promise<{ exitCode: number; output: string }> {
    this.#enter('exec');
    if (this.#journal.containers.get(containerId)?.status.state !== 'running') {
      throw new Error(`Container ${containerId} is not running`);
    }
    return this.#execResult;
  }

  subscribe(listener: (event: RuntimeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }

  exitContainer(id: string, exitCode: number, how = { oomKilled: false }): void {
    this.#end(id, exitCode, how.oomKilled);
  }

  stopAll(): void {
    for (const id of [...this.#journal.containers.keys(), ...this.#journal.sandboxes.keys()]) this.#end(id, 137, false);
  }

  writeLog(id: string, text: string): void {
    const container = this.#journal.containers.get(id)!;
    const log = [...container.log, { at: this.#now(), text }].slice(-maxLogLines);
    this.#journal.putContainer({ ...container, log });
    this.#wake();
  }

  lackImage(image: string, how: { pullable: boolean }): void {
    this.#lacking.set(image, how);
  }

  answerExec(result: { exitCode: number; output: string }): void {
    this.#execResult = result;
  }

  failCall(method: HollowMethod, nth: number, error = new Error(`${method} was told to fail`)): void {
    this.#failures.push({ method, callsLeft: nth, error });
  }

  setGone(gone: boolean): void {
    this.#gone = gone;
    this.#emit({ type: gone ? 'gone' : 'back' });
  }

  /** Every call comes through here: an engine that is gone or a failure that a test ordered stops it. */
  #enter(method: HollowMethod): void {
    if (this.#gone) throw new RuntimeGoneError('the hollow engine is gone');
    const waiting = this.#failures.filter((failure) => failure.method === method);
    for (const failure of waiting) failure.callsLeft--;
    const due = waiting.find((failure) => failure.callsLeft === 0);
    if (!due) return;
    this.#failures.splice(this.#failures.indexOf(due), 1);
    throw due.error;
  }

  /** Docker's two refusals: an address of the pod network in use, a port of the machine in use. */
  #refuseTaken(config: SandboxConfig): void {
    for (const other of this.#journal.sandboxes.values()) {
      if (other.state !== 'running') continue;
      if (config.ip !== undefined && other.config.ip === config.ip) throw new Error('Address already in use');
      for (const port of config.ports) {
        const taken = other.config.ports.some(
          (p) => p.hostPort === port.hostPort && p.hostIP === port.hostIP && p.protocol === port.protocol,
        );
        if (!taken) continue;
        throw new Error(`Bind for ${port.hostIP || '0.0.0.0'}:${port.hostPort} failed: port is already allocated`);
      }
    }
  }

  #end(id: string, exitCode: number, oomKilled: boolean): void {
    const sandbox = this.#journal.sandboxes.get(id);
    const container = this.#journal.containers.get(id);
    if (sandbox?.state === 'running') {
      this.#journal.putSandbox({ ...sandbox, state: 'exited' });
      this.#emit({ type: 'died', pod: sandbox.config.pod, containerId: id });
    } else if (container?.status.state === 'running') {
      const status = { ...container.status, state: 'exited' as const, finishedAt: this.#now(), exitCode, oomKilled };
      this.#journal.putContainer({ ...container, status });
      this.#emit({ type: 'died', pod: container.config.pod, containerId: id });
    }
  }

  #remove(id: string): void {
    this.#end(id, 137, false);
    const pod = (this.#journal.sandboxes.get(id) ?? this.#journal.containers.get(id))?.config.pod;
    if (!pod) return;
    this.#journal.remove(id);
    this.#emit({ type: 'removed', pod, containerId: id });
  }

  #emit(event: RuntimeEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
    this.#wake();
  }

  #wake(): void {
    for (const wake of [...this.#wakers]) wake();
  }

  #nextChange(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake);
        this.#wakers.delete(wake);
        resolve();
      };
      this.#wakers.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  #newId(): string {
    return (this.#options.random.uid() + this.#options.random.uid()).replaceAll('-', '');
  }

  #now(): number {
    return this.#options.clock.now();
  }
}
