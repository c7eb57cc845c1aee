/** Typed calls over a Transport. */
import type { Kind } from '../api/kind.ts';
import type { Draft, KubeList, KubeObject, Stored, WatchEvent } from '../api/object.ts';
import type { ApiRequest, LogOptions, PatchType, RequestOptions } from '../api/request.ts';
import type { Transport } from './transport.ts';

export class Client {
  readonly transport: Transport;
  constructor(transport: Transport) {
    this.transport = transport;
  }

  get<T extends KubeObject>(kind: Kind<T>, namespace: string, name: string): Promise<Stored<T>> {
    return this.#send({ verb: 'get', kind, namespace: scope(namespace), name });
  }
  /** '' lists all namespaces. */
  list<T extends KubeObject>(kind: Kind<T>, namespace = '', options: RequestOptions = {}): Promise<KubeList<T>> {
    return this.#send({ verb: 'list', kind, namespace: scope(namespace), options });
  }
  watch<T extends KubeObject>(
    kind: Kind<T>,
    namespace: string,
    options: RequestOptions,
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent<T>> {
    const request: ApiRequest = { verb: 'watch', kind, namespace: scope(namespace), options };
    return this.transport.watch(request, signal) as AsyncIterable<WatchEvent<T>>;
  }
  /** The namespace comes from the object's metadata. */
  create<T extends KubeObject>(kind: Kind<T>, object: Draft<T>, options: RequestOptions = {}): Promise<Stored<T>> {
    return this.#send({ verb: 'create', kind, namespace: object.metadata?.namespace, body: object, options });
  }
  update<T extends KubeObject>(
    kind: Kind<T>,
    object: Stored<T> | Draft<T>,
    options: RequestOptions = {},
  ): Promise<Stored<T>> {
    const { namespace, name } = object.metadata ?? {};
    return this.#send({ verb: 'update', kind, namespace, name, body: object, options });
  }
  /** Writes metadata and status, never the spec. A resourceVersion in the object makes it fail with Conflict when stale. */
  updateStatus<T extends KubeObject>(kind: Kind<T>, object: Stored<T> | Draft<T>): Promise<Stored<T>> {
    const { namespace, name } = object.metadata ?? {};
    return this.#send({ verb: 'update', kind, namespace, name, subresource: 'status', body: object });
  }
  patch<T extends KubeObject>(
    kind: Kind<T>,
    namespace: string,
    name: string,
    patch: unknown,
    { patchType = 'merge', subresource }: { patchType?: PatchType; subresource?: 'status' } = {},
  ): Promise<Stored<T>> {
    return this.#send({ verb: 'patch', kind, namespace: scope(namespace), name, subresource, body: patch, patchType });
  }
  /** The object (still there while it terminates) or a Status. */
  delete<T extends KubeObject>(
    kind: Kind<T>,
    namespace: string,
    name: string,
    options: RequestOptions = {},
  ): Promise<unknown> {
    return this.#send({ verb: 'delete', kind, namespace: scope(namespace), name, options });
  }
  /** Deletes what the selectors of the options select, all of the namespace without any. */
  deleteCollection<T extends KubeObject>(
    kind: Kind<T>,
    namespace: string,
    options: RequestOptions = {},
  ): Promise<KubeList<T>> {
    return this.#send({ verb: 'deletecollection', kind, namespace: scope(namespace), options });
  }
  /** Writes spec.finalizers and nothing else; the last one taken off ends a deleted object. */
  finalize<T extends KubeObject>(kind: Kind<T>, object: Stored<T>): Promise<Stored<T>> {
    return this.#send({ verb: 'update', kind, name: object.metadata.name, subresource: 'finalize', body: object });
  }
  /** Assigns a pod to a node. Calls made in one turn of the event loop reach the disk together. */
  bind<T extends KubeObject>(kind: Kind<T>, namespace: string, pod: string, node: string): Promise<unknown> {
    const body = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: pod, namespace },
      target: { kind: 'Node', apiVersion: 'v1', name: node },
    };
    return this.#send({ verb: 'create', kind, namespace, name: pod, subresource: 'binding', body });
  }
  /** Deletes a pod as `drain` does: politely, and saying so in its conditions. */
  evict<T extends KubeObject>(
    kind: Kind<T>,
    namespace: string,
    pod: string,
    deleteOptions: RequestOptions = {},
  ): Promise<unknown> {
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace }, deleteOptions };
    return this.#send({ verb: 'create', kind, namespace, name: pod, subresource: 'eviction', body });
  }
  logs<T extends KubeObject>(
    kind: Kind<T>,
    namespace: string,
    pod: string,
    log: LogOptions,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array> {
    return this.transport.stream(
      { verb: 'get', kind, namespace, name: pod, subresource: 'log', options: { log } },
      signal,
    );
  }

  #send<R>(request: ApiRequest): Promise<R> {
    return this.transport.send(request) as Promise<R>;
  }
}

const scope = (namespace: string): string | undefined => namespace || undefined;
