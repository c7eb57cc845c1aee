/** As little of an API server as informers and recorders need, with faults on demand: a Transport over a map. */
import { type KubeObject, keyOf, type Stored, type WatchEvent } from '../../src/core/api/object.ts';
import type { ApiRequest } from '../../src/core/api/request.ts';
import { alreadyExists, expired, modified, notFound } from '../../src/core/api/status.ts';
import type { Transport } from '../../src/core/client/transport.ts';

type Any = Stored<KubeObject & Record<string, unknown>>;
interface Happened {
  revision: number;
  event: WatchEvent;
}

export class FakeServer implements Transport {
  readonly objects = new Map<string, Any>();
  /** Every request in order, watches too. */
  readonly requests: ApiRequest[] = [];
  /** Called before each request; what it throws is the answer. */
  fault: (request: ApiRequest) => void = () => {};
  #history: Happened[] = [];
  #revision = 1;
  #uids = 0;
  #compacted = 1;
  readonly #watches = new Set<Watch>();

  /** Creates the object or replaces the stored one of the same name. */
  put(object: { metadata: { name?: string | undefined; namespace?: string | undefined } }): Any {
    const key = keyOf(object);
    const old = this.objects.get(key);
    const uid = old?.metadata.uid ?? `uid-${++this.#uids}`;
    const metadata = { namespace: '', ...object.metadata, uid, resourceVersion: `${++this.#revision}` };
    const stored = { ...object, metadata } as unknown as Any;
    this.objects.set(key, stored);
    this.#happened({ type: old ? 'MODIFIED' : 'ADDED', object: stored });
    return stored;
  }

  remove(key: string): void {
    const old = this.objects.get(key);
    if (!old) return;
    this.objects.delete(key);
    this.#happened({
      type: 'DELETED',
      object: { ...old, metadata: { ...old.metadata, resourceVersion: `${++this.#revision}` } },
    });
  }

  /** Forgets history: watches from before now get 410. */
  compact(): void {
    this.#history = [];
    this.#compacted = this.#revision;
  }

  bookmark(): void {
    const object = { metadata: { resourceVersion: `${this.#revision}` } } as Any;
    for (const watch of this.#watches) watch.push({ type: 'BOOKMARK', object });
  }

  /** All open watches end, with `error` or as a server ends them. */
  disconnect(error?: Error): void {
    for (const watch of this.#watches) watch.end(error);
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  async send(request: ApiRequest): Promise<unknown> {
    this.#receive(request);
    const { verb, kind } = request;
    const body = request.body as Any;
    const name = request.name ?? body?.metadata.name ?? '';
    const key = keyOf({ metadata: { name, namespace: request.namespace } });
    const old = this.objects.get(key);
    if (verb === 'list') {
      const items = [...this.objects.values()].filter((o) => isIn(request, o));
      return { kind: `${kind.kind}List`, apiVersion: kind.apiVersion, metadata: this.#listMeta(), items };
    }
    if (verb === 'create') {
      if (old) throw alreadyExists(kind, name);
      return this.put(body);
    }
    if (!old) throw notFound(kind, name);
    if (verb === 'delete') return this.remove(key);
    if (verb === 'patch') return this.put({ ...old, ...body, metadata: { ...old.metadata, ...body.metadata } });
    if (verb === 'update') {
      const { resourceVersion } = body.metadata;
      if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) throw modified(kind, name);
      return this.put(body);
    }
    return old;
  }

  async *watch(request: ApiRequest, signal: AbortSignal): AsyncIterable<WatchEvent> {
    this.#receive(request);
    const from = Number(request.options?.resourceVersion);
    if (from < this.#compacted) throw expired('too old resource version');
    const watch = new Watch(request);
    for (const { revision, event } of this.#history) if (revision > from) watch.push(event);
    const abort = () => watch.end();
    signal.addEventListener('abort', abort);
    this.#watches.add(watch);
    try {
      yield* watch.events();
    } finally {
      this.#watches.delete(watch);
      signal.removeEventListener('abort', abort);
    }
  }

  stream(): AsyncIterable<Uint8Array> {
    throw new Error('no streams here');
  }
  download(): AsyncIterable<Uint8Array> {
    throw new Error('no downloads here');
  }
  async raw(): Promise<unknown> {
    return 'ok';
  }
  async close(): Promise<void> {
    this.disconnect();
  }

  #receive(request: ApiRequest): void {
    this.requests.push(request);
    this.fault(request);
  }

  #listMeta() {
    return { resourceVersion: `${this.#revision}` };
  }

  #happened(event: WatchEvent): void {
    this.#history.push({ revision: this.#revision, event });
    for (const watch of this.#watches) watch.push(event);
  }
}

function isIn({ namespace }: ApiRequest, object: Any): boolean {
  return !namespace || object.metadata.namespace === namespace;
}

/** A queue of events that ends. */
class Watch {
  readonly #request: ApiRequest;
  readonly #events: WatchEvent[] = [];
  #ended: { error: Error | undefined } | undefined;
  #wake: () => void = () => {};

  constructor(request: ApiRequest) {
    this.#request = request;
  }

  push(event: WatchEvent): void {
    if (event.type !== 'BOOKMARK' && !isIn(this.#request, event.object as Any)) return;
    this.#events.push(event);
    this.#wake();
  }

  end(error?: Error): void {
    this.#ended ??= { error };
    this.#wake();
  }

  async *events(): AsyncGenerator<WatchEvent> {
    for (;;) {
      // As when a connection breaks: what has not been read is lost.
      if (this.#ended?.error) throw this.#ended.error;
      if (this.#ended) return;
      const event = this.#events.shift();
      if (event) yield event;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
