/** Keeps a cache equal to what the server has: one list, then watches from there on, each from where the last one ended. */
import type { Kind } from '../api/kind.ts';
import type { KubeList, KubeObject } from '../api/object.ts';
import type { RequestOptions } from '../api/request.ts';
import { ApiError, isExpired } from '../api/status.ts';
import { Backoff } from '../async/backoff.ts';
import { type Clock, sleep } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import { pick, type Random } from '../async/random.ts';
import type { Cache } from './cache.ts';
import type { Client } from './client.ts';

/** What is followed. */
export interface Selection<T extends KubeObject> {
  kind: Kind<T>;
  /** '' is all. */
  namespace: string;
  selectors: Pick<RequestOptions, 'labelSelector' | 'fieldSelector'>;
}

export interface ReflectorDeps {
  client: Client;
  clock: Clock;
  random: Random;
  log: Logger;
}

/** The server ends a watch after 5 to 10 minutes (as client-go asks), which also finds connections that died silently. */
const watchSecondsMin = 300;
/** A watch that lived so long or brought something worked, however it ended. */
const goodWatchMs = 1_000;

export class Reflector<T extends KubeObject> {
  readonly #selection: Selection<T>;
  readonly #cache: Cache<T>;
  readonly #deps: ReflectorDeps;
  readonly #listed: () => void;
  readonly #backoff: Backoff;
  /** Everything up to it is in the cache; undefined when only a list can tell. */
  #resourceVersion: string | undefined;

  /** `listed` is called each time after a list went into the cache. */
  constructor(selection: Selection<T>, cache: Cache<T>, deps: ReflectorDeps, listed: () => void) {
    this.#selection = selection;
    this.#cache = cache;
    this.#deps = deps;
    this.#listed = listed;
    const { clock, random } = deps;
    this.#backoff = new Backoff({ clock, random, initialMs: 200, maxMs: 10_000, jitter: 0.5 });
  }

  /** Resolves when `signal` aborts; nothing is in flight then. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        this.#resourceVersion ??= await this.#list(signal);
        await this.#watch(this.#resourceVersion, signal);
      } catch (error) {
        if (!signal.aborted) await this.#recover(error, signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<string> {
    const { kind, namespace, selectors } = this.#selection;
    const request = { verb: 'list', kind, namespace: namespace || undefined, options: selectors } as const;
    const list = (await this.#deps.client.transport.send(request, signal)) as KubeList<T>;
    this.#cache.replace(list.items);
    this.#listed();
    return list.metadata.resourceVersion ?? '0';
  }

  /** Follows until the server ends the watch. One that ends at once and empty is an error, or we would spin. */
  async #watch(from: string, signal: AbortSignal): Promise<void> {
    const { client, clock, random } = this.#deps;
    const { kind, namespace, selectors } = this.#selection;
    const options: RequestOptions = {
      ...selectors,
      resourceVersion: from,
      allowWatchBookmarks: true,
      timeoutSeconds: watchSecondsMin + pick(random, watchSecondsMin),
    };
    const startedAt = clock.monotonic();
    try {
      for await (const { type, object } of client.watch(kind, namespace, options, signal)) {
        if (type === 'DELETED') this.#cache.remove(object);
        else if (type !== 'BOOKMARK') this.#cache.put(object);
        this.#resourceVersion = object.metadata.resourceVersion;
        this.#worked();
      }
    } finally {
      if (clock.monotonic() - startedAt >= goodWatchMs) this.#worked();
    }
    if (this.#resourceVersion === from && clock.monotonic() - startedAt < goodWatchMs) {
      throw new Error('the watch ended at once');
    }
  }

  #worked(): void {
    const failures = this.#backoff.failures('');
    if (failures === 0) return;
    this.#backoff.forget('');
    this.#deps.log.info(`${this.#selection.kind.plural}: watching again after ${failures} failed tries`);
  }

  /** Says so once per row of failures, and waits. */
  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps;
    if (!mayResume(error)) this.#resourceVersion = undefined;
    if (!isExpired(error) && this.#backoff.failures('') === 0) {
      log.warn(`${this.#selection.kind.plural}: ${(error as Error).message}; trying again`);
    }
    await sleep(clock, this.#backoff.next(''), signal);
  }
}

/**
 * Whether a watch can go on where the last one ended. Lost connections and a busy server say nothing about history; any
 * other answer (expired, unknown version, a server that lost its data) makes what was seen worthless.
 */
function mayResume(error: unknown): boolean {
  return !(error instanceof ApiError) || error.reason === 'TooManyRequests' || error.reason === 'ServiceUnavailable';
}
