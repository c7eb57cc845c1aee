/**
 * The Runtime contract: run the pods of one machine. Every implementation passes test/contract/runtime.ts.
 * A sandbox holds a pod's network identity; containers run inside it. State is what listPods observes, never what
 * the caller remembers: after a crash of ours the same containers are found again by their labels and names.
 */

/** Which pod a sandbox or container belongs to. */
export interface PodIdentity {
  namespace: string;
  name: string;
  uid: string;
}

export interface PortBinding {
  containerPort: number;
  hostPort: number;
  /** '' binds the machine's own address. */
  hostIP: string;
  protocol: 'TCP' | 'UDP' | 'SCTP';
}

export interface SandboxConfig {
  pod: PodIdentity;
  hostname: string;
  /** The pod's address in the cluster's pod network; absent with hostNetwork. */
  ip?: string;
  hostNetwork: boolean;
  ports: readonly PortBinding[];
  dns?: { nameservers: readonly string[]; searches: readonly string[]; options: readonly string[] };
  /** Kept with the sandbox and given back by listPods. */
  annotations: Readonly<Record<string, string>>;
}

export interface Mount {
  hostPath: string;
  containerPath: string;
  readOnly: boolean;
}

export interface ContainerConfig {
  pod: PodIdentity;
  /** Name in the pod's spec. */
  name: string;
  /** Hex digest of the container's spec; a changed one means the container is replaced. */
  specHash: string;
  image: string;
  /** Replaces the image's entrypoint; absent keeps it. */
  command?: readonly string[];
  args?: readonly string[];
  workingDir?: string;
  env: readonly { name: string; value: string }[];
  mounts: readonly Mount[];
  /** Relative share; 1024 is one core. */
  cpuShares?: number;
  /** Hard limit in thousandths of a core. */
  cpuMillis?: number;
  memoryBytes?: number;
  user?: string;
  privileged: boolean;
  readOnlyRootFilesystem: boolean;
  addCapabilities: readonly string[];
  dropCapabilities: readonly string[];
  tty: boolean;
  stdin: boolean;
  /** What it gets to end in when its whole machine is halted. */
  graceSeconds: number;
  /** Kept with the container and given back by listPods: restart count and the like. */
  annotations: Readonly<Record<string, string>>;
}

export interface RuntimeContainer {
  id: string;
  name: string;
  specHash: string;
  image: string;
  imageID: string;
  state: 'created' | 'running' | 'exited';
  /** Milliseconds since the epoch; absent when it has not happened. */
  createdAt: number;
  startedAt?: number;
  finishedAt?: number;
  exitCode?: number;
  oomKilled?: boolean;
  /** The engine's own words when a start failed. */
  error?: string;
  annotations: Readonly<Record<string, string>>;
}

export interface RuntimePod {
  identity: PodIdentity;
  /** Newest first; an old one that ended may still be there. */
  sandboxes: {
    id: string;
    state: 'running' | 'exited';
    ip?: string;
    createdAt: number;
    annotations: Readonly<Record<string, string>>;
  }[];
  /** Oldest first, also those that ended. */
  containers: RuntimeContainer[];
}

export interface RuntimeEvent {
  /** `gone`: the engine itself went away; `back`: it answers again (observe everything anew). */
  type: 'started' | 'died' | 'removed' | 'gone' | 'back';
  pod?: PodIdentity;
  containerId?: string;
}

export interface PullProgress {
  /** Bytes over all layers; total grows as layers become known. */
  current: number;
  total: number;
  /** `Downloading`, `Extracting`, … in the engine's words. */
  status: string;
}

export interface RuntimeInfo {
  /** `docker://20.10.24`. */
  version: string;
  cpus: number;
  memoryBytes: number;
  operatingSystem: string;
  osImage: string;
  kernelVersion: string;
  architecture: string;
}

export interface LogQuery {
  follow: boolean;
  timestamps: boolean;
  tailLines?: number;
  /** Milliseconds since the epoch. */
  since?: number;
  /** Only this one; both unless given. A container with a terminal writes everything to stdout. */
  stream?: 'stdout' | 'stderr';
}

export interface ImageInfo {
  id: string;
  /** What the image runs as, for messages; '' is root. */
  user: string;
}

export interface Runtime {
  info(): Promise<RuntimeInfo>;
  /** All pods of this machine, also those whose containers all ended. Rejects with RuntimeGoneError without an engine. */
  listPods(): Promise<RuntimePod[]>;

  /** Creates and starts the sandbox; on failure nothing of it is left. */
  runSandbox(config: SandboxConfig): Promise<string>;
  /** Ends the sandbox and removes it and all its containers. Harmless when it is gone already. */
  removeSandbox(id: string): Promise<void>;

  /** Creates and starts a container in a sandbox; a container that could not start is left behind as exited. */
  startContainer(sandboxId: string, config: ContainerConfig): Promise<string>;
  /**
   * Asks with the image's stop signal, kills after the grace period; resolves when it has ended. Harmless when it has. Also
   * takes a sandbox, whose containers are then kept, so that a finished pod keeps its logs.
   */
  stopContainer(id: string, graceSeconds: number): Promise<void>;
  removeContainer(id: string): Promise<void>;

  /** Undefined when the image is not on the machine. */
  inspectImage(image: string): Promise<ImageInfo | undefined>;
  pullImage(image: string, onProgress: (p: PullProgress) => void, signal: AbortSignal): Promise<void>;

  /** Lines as the container wrote them (stdout and stderr in order), each chunk ending at a line end where possible. */
  logs(containerId: string, query: LogQuery, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Runs a command to its end; output is stdout and stderr together, cut at 10 KiB. */
  exec(
    containerId: string,
    command: readonly string[],
    timeoutMs: number,
  ): Promise<{ exitCode: number; output: string }>;

  /** Changes as they happen. */
  subscribe(listener: (event: RuntimeEvent) => void): () => void;
  close(): Promise<void>;
}

/** The engine does not answer. */
export class RuntimeGoneError extends Error {
  override readonly name = 'RuntimeGoneError';
}
/** The image is not there, may not be read, or its name is wrong. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
  readonly reason: 'ErrImagePull' | 'InvalidImageName' | 'ErrImageNeverPull';
  constructor(reason: ImageError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}
