/**
 * Informers of one process: whoever asks for the same kind, namespace and selectors shares one cache and one watch.
 *
 * Client: how components and verbs talk to an API server. May import: core/async, core/api.
 */
import type { Kind } from '../api/kind.ts';
import type { KubeObject } from '../api/object.ts';
import type { Clock } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import type { Random } from '../async/random.ts';
import type { Running } from '../async/running.ts';
import { Cache } from './cache.ts';
import type { Client } from './client.ts';
import type { Indexers, Informer } from './informer.ts';
import { Reflector, type ReflectorDeps, type Selection } from './reflector.ts';

export interface InformerOptions<T extends KubeObject> {
  /** All namespaces unless given. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Names are the caller's own; the same function given twice is filed once. */
  indexers?: Indexers<T>;
}

export interface Informers extends Running {
  /** Starts to follow at once. */
  for<T extends KubeObject>(kind: Kind<T>, options?: InformerOptions<T>): Informer<T>;
  /** Resolves when all informers made so far have synced; rejects when they are stopped before. */
  synced(): Promise<void>;
}

export function createInformers(
  client: Client,
  { clock, random, log }: { clock: Clock; random: Random; log: Logger },
): Informers {
  const deps: ReflectorDeps = { client, clock, random, log };
  // biome-ignore lint/suspicious/noExplicitAny: informers of all kinds in one map
  const shared = new Map<string, Shared<any>>();
  let stopped = false;

  return {
    for<T extends KubeObject>(kind: Kind<T>, options: InformerOptions<T> = {}): Informer<T> {
      if (stopped) throw new InformersStoppedError();
      const { namespace = '', labelSelector = '', fieldSelector = '', indexers = {} } = options;
      const key = JSON.stringify([kind.apiVersion, kind.plural, namespace, labelSelector, fieldSelector]);
      let followed: Shared<T> | undefined = shared.get(key);
      if (!followed) {
        const selectors = { ...(labelSelector && { labelSelector }), ...(fieldSelector && { fieldSelector }) };
        followed = new Shared<T>({ kind, namespace, selectors }, deps);
        shared.set(key, followed);
      }
      return followed.view(indexers);
    },
    async synced() {
      await Promise.all([...shared.values()].map((one) => one.synced()));
    },
    async stop() {
      stopped = true;
      await Promise.all([...shared.values()].map((one) => one.stop()));
    },
  };
}

export class InformersStoppedError extends Error {
  override readonly name = 'InformersStoppedError';
  constructor() {
    super('the informers are stopped');
  }
}

/** One cache and the reflector that fills it. */
class Shared<T extends KubeObject> implements Running {
  readonly #cache: Cache<T>;
  readonly #stopping = new AbortController();
  readonly #synced: Promise<void>;
  readonly #running: Promise<void>;
  #hasSynced = false;

  constructor(selection: Selection<T>, deps: ReflectorDeps) {
    this.#cache = new Cache(deps.log);
    let listed = () => {};
    this.#synced = new Promise((resolve, reject) => {
      listed = () => {
        this.#hasSynced = true;
        resolve();
      };
      this.#stopping.signal.addEventListener('abort', () => reject(new InformersStoppedError()));
    });
    // Stopping early is an error only for those who wait.
    this.#synced.catch(() => {});
    this.#running = new Reflector(selection, this.#cache, deps, listed).run(this.#stopping.signal);
  }

  synced(): Promise<void> {
    return this.#synced;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  view(indexers: Indexers<T>): Informer<T> {
    const cache = this.#cache;
    const hasSynced = () => this.#hasSynced;
    const indexes = new Map(Object.entries(indexers).map(([name, valuesOf]) => [name, cache.index(valuesOf)]));
    return {
      get hasSynced() {
        return hasSynced();
      },
      get size() {
        return cache.size;
      },
      synced: () => this.synced(),
      get: (namespace, name) => cache.get(namespace ? `${namespace}/${name}` : name),
      list: () => cache.list(),
      byIndex(name, value) {
        const index = indexes.get(name);
        if (!index) throw new Error(`no index ${name}; this informer has: ${[...indexes.keys()].join(', ')}`);
        return index.find(value);
      },
      subscribe: (handler) => cache.subscribe(handler),
    };
  }
}
