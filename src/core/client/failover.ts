/** One transport over several API servers of the same cluster: the next one takes over when one is not there. */
import type { KubeObject, WatchEvent } from '../api/object.ts';
import type { ApiRequest } from '../api/request.ts';
import { createHttpTransport, type TlsIdentity } from './http.ts';
import type { Transport } from './transport.ts';
import { ServerUnreachableError } from './unreachable.ts';

/** The request was never sent, so it may be sent to another, whatever it asks for. */
const unsent: ReadonlySet<string> = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN']);
const reads: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

export interface FailoverOptions {
  /** URLs, in the order in which they are tried; at least one. */
  servers: readonly string[];
  tls?: TlsIdentity | undefined;
  /** Silence that counts as the server's end. */
  timeoutMs?: number;
  connectMs?: number;
}

export function createFailoverTransport(options: FailoverOptions): Transport {
  const { servers, tls, timeoutMs = 10_000, connectMs = 2_000 } = options;
  const open = (server: string) => createHttpTransport({ server, tls, timeoutMs, connectMs });
  let at = 0;
  let current = open(servers[at]!);

  /** Leaves a server that failed, with all that is still open there: what hangs on a dead machine would hang for long. */
  function leave(failed: Transport): void {
    if (failed !== current) return;
    at = (at + 1) % servers.length;
    current = open(servers[at]!);
    void failed.close();
  }

  async function attempt<R>(verb: string, call: (transport: Transport) => Promise<R>): Promise<R> {
    for (let tries = 1; ; tries++) {
      const transport = current;
      try {
        return await call(transport);
      } catch (error) {
        if (!(error instanceof ServerUnreachableError)) throw error;
        leave(transport);
        if (tries >= servers.length || !(reads.has(verb) || unsent.has(error.code))) throw error;
      }
    }
  }

  /** A stream that ends or breaks is begun anew by whoever reads it: from where it was, which only he knows. */
  async function* follow<P>(open: (transport: Transport) => AsyncIterable<P>): AsyncGenerator<P> {
    const transport = current;
    try {
      yield* open(transport);
    } catch (error) {
      if (error instanceof ServerUnreachableError) leave(transport);
      throw error;
    }
  }

  return {
    send: (request: ApiRequest, signal) => attempt(request.verb, (transport) => transport.send(request, signal)),
    watch: (request, signal) => follow<WatchEvent<KubeObject>>((transport) => transport.watch(request, signal)),
    stream: (request, signal) => follow((transport) => transport.stream(request, signal)),
    raw: (path) => attempt('get', (transport) => transport.raw(path)),
    download: (path, signal) => follow((transport) => transport.download(path, signal)),
    close: () => current.close(),
  };
}
