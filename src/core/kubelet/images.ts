/**
 * Images for containers: looked for, pulled where the policy says so, tried again with back-off. Works in the
 * background, so a pod that pulls for minutes can still be deleted; pods that want the same image share one pull.
 */
import type { Clock } from '../async/clock.ts';
import { ImageError, type ImageInfo, type PullProgress, type Runtime, RuntimeGoneError } from '../runtime/runtime.ts';
import { errorShownMs, type ImageState } from './plan/view.ts';
import { Tries } from './tries.ts';

export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never';

/** What a container needs before its start. */
export interface ImageRequest {
  pod: string;
  container: string;
  /** A new one for each start: `Always` means every start. */
  restartCount: number;
  image: string;
  policy: PullPolicy;
  /** Tells people how it goes. */
  say(type: 'Normal' | 'Warning', reason: string, message: string): void;
}

export interface ImagesDeps {
  runtime: Runtime;
  clock: Clock;
  /** The state of an image of this pod has changed. */
  changed(pod: string): void;
}

interface Entry {
  readonly restartCount: number;
  state: 'pulling' | 'failed' | 'present';
  image?: ImageInfo;
  failedAt: number;
  readonly gone: AbortController;
}

interface Pull {
  readonly done: Promise<void>;
  readonly stop: AbortController;
  readonly listeners: Set<(p: PullProgress) => void>;
}

const progressEveryMs = 5_000;

export class Images {
  readonly #deps: ImagesDeps;
  /** Pod → container. */
  readonly #entries = new Map<string, Map<string, Entry>>();
  readonly #pulls = new Map<string, Pull>();
  /** By pod and image, as the kubelet's back-off is. */
  readonly #tries = new Tries({ firstMs: 10_000, maxMs: 300_000 });

  constructor(deps: ImagesDeps) {
    this.#deps = deps;
  }

  state(
    pod: string,
    { container, restartCount, image }: { container: string; restartCount: number; image: string },
  ): ImageState {
    const entry = this.#entries.get(pod)?.get(container);
    if (entry?.restartCount !== restartCount) return { state: 'unknown' };
    if (entry.state === 'pulling') return { state: 'pulling' };
    if (entry.state === 'present') return { state: 'present', image: entry.image! };
    const trouble = this.#tries.trouble(pod, image);
    if (!trouble) return { state: 'unknown' };
    const { failedAt } = entry;
    const isNews = trouble.reason !== 'ErrImagePull' || this.#deps.clock.now() < failedAt + errorShownMs;
    if (isNews) return { state: 'failed', failedAt, ...trouble };
    const message = `Back-off pulling image "${image}": ${trouble.message}`;
    return { state: 'failed', failedAt, ...trouble, reason: 'ImagePullBackOff', message };
  }

  /** Begins; the end is told by `changed`. */
  get(request: ImageRequest): void {
    const { pod, container, restartCount } = request;
    const entries = this.#entries.get(pod) ?? new Map<string, Entry>();
    this.#entries.set(pod, entries);
    const before = entries.get(container);
    if (before?.restartCount === restartCount && before.state === 'pulling') return;
    const entry: Entry = { restartCount, state: 'pulling', failedAt: 0, gone: new AbortController() };
    entries.set(container, entry);
    void this.#get(request, entry);
  }

  /** The container has started with its image. */
  used(pod: string, container: string): void {
    this.#entries.get(pod)?.delete(container);
  }

  /** The pod needs no images any more: pulls for it alone end. */
  forget(pod: string): void {
    const entries = this.#entries.get(pod);
    if (!entries) return;
    this.#entries.delete(pod);
    for (const entry of entries.values()) entry.gone.abort();
    this.#tries.forget(pod);
  }

  stop(): void {
    for (const pod of [...this.#entries.keys()]) this.forget(pod);
  }

  async #get(request: ImageRequest, entry: Entry): Promise<void> {
    const { pod, image } = request;
    try {
      entry.image = await this.#find(request, entry.gone.signal);
      entry.state = 'present';
      this.#tries.succeeded(pod, image);
    } catch (error) {
      if (entry.gone.signal.aborted) return;
      this.#failed(request, entry, error as Error);
    }
    if (!entry.gone.signal.aborted) this.#deps.changed(pod);
  }

  #failed({ pod, container, image, say }: ImageRequest, entry: Entry, error: Error): void {
    // The engine's absence is no fault of the image: the next plan asks again.
    if (error instanceof RuntimeGoneError) {
      this.#entries.get(pod)?.delete(container);
      return;
    }
    const reason = error instanceof ImageError ? error.reason : 'ErrImagePull';
    const now = this.#deps.clock.now();
    entry.state = 'failed';
    entry.failedAt = now;
    this.#tries.failed(pod, image, { reason, message: error.message, now });
    say(
      'Warning',
      'failed',
      reason === 'ErrImagePull' ? `Failed to pull image "${image}": ${error.message}` : error.message,
    );
  }

  async #find(request: ImageRequest, signal: AbortSignal): Promise<ImageInfo> {
    const { image, policy, say } = request;
    const { runtime, clock } = this.#deps;
    if (policy !== 'Always') {
      const found = await runtime.inspectImage(image);
      if (found) {
        say('Normal', 'pulled', `Container image "${image}" already present on machine`);
        return found;
      }
      if (policy === 'Never') {
        throw new ImageError(
          'ErrImageNeverPull',
          `Container image "${image}" is not present with pull policy of Never`,
        );
      }
    }
    const begun = clock.monotonic();
    say('Normal', 'pulling', `Pulling image "${image}"`);
    const bytes = await this.#pull(request, signal);
    const found = await runtime.inspectImage(image);
    if (!found) throw new ImageError('ErrImagePull', `the image was pulled and is not on the machine`);
    const took = ((clock.monotonic() - begun) / 1000).toFixed(3);
    say(
      'Normal',
      'pulled',
      `Successfully pulled image "${image}" in ${took}s (${took}s including waiting). Image size: ${bytes} bytes.`,
    );
    return found;
  }

  /** Answers the bytes that came. */
  async #pull({ image, say }: ImageRequest, signal: AbortSignal): Promise<number> {
    let bytes = 0;
    let saidAt = this.#deps.clock.monotonic();
    const onProgress = (p: PullProgress) => {
      bytes = Math.max(bytes, p.current);
      const now = this.#deps.clock.monotonic();
      if (now - saidAt < progressEveryMs) return;
      saidAt = now;
      say(
        'Normal',
        'pulling',
        `Pulling image "${image}": ${p.status} ${megabytes(p.current)} of ${megabytes(p.total)} MB`,
      );
    };
    const pull = this.#pulls.get(image) ?? this.#startPull(image);
    pull.listeners.add(onProgress);
    const leave = () => {
      pull.listeners.delete(onProgress);
      if (pull.listeners.size > 0) return;
      this.#endPull(image, pull);
      pull.stop.abort();
    };
    signal.addEventListener('abort', leave);
    try {
      await pull.done;
    } finally {
      signal.removeEventListener('abort', leave);
    }
    return bytes;
  }

  #startPull(image: string): Pull {
    const stop = new AbortController();
    const listeners = new Set<(p: PullProgress) => void>();
    const tell = (p: PullProgress) => {
      for (const listener of listeners) listener(p);
    };
    const done = this.#deps.runtime.pullImage(image, tell, stop.signal).finally(() => this.#endPull(image, pull));
    const pull: Pull = { done, stop, listeners };
    this.#pulls.set(image, pull);
    return pull;
  }

  #endPull(image: string, pull: Pull): void {
    if (this.#pulls.get(image) === pull) this.#pulls.delete(image);
  }
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
