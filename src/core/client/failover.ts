/** One transport over several API servers of the same cluster: the next one takes over when one is not there. */
import { connect } from 'node:net';
import type { KubeObject, WatchEvent } from '../api/object.ts';
import type { ApiRequest } from '../api/request.ts';
import { createHttpTransport, type TlsIdentity } from './http.ts';
import type { Transport } from './transport.ts';
import { ServerUnreachableError } from './unreachable.ts';

/** The request was never sent, so it may be sent to another, whatever it asks for. */
const unsent: ReadonlySet<string> = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN']);
/**
 * A machine that lost its power does not even end its connections. So a server that has been silent for this long while
 * somebody waits is asked for a new connection; if it gives none, all others are dead as well.
 */
const suspectMs = 500;
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
  const open = (server: string): Line => {
    const line = new Line(server, createHttpTransport({ server, tls, timeoutMs, connectMs }), connectMs, () => {
      leave(line.transport);
    });
    return line;
  };
  let at = 0;
  let current = open(servers[at]!);

  /** Leaves a server that failed, with all that is still open there: what hangs on a dead machine would hang for long. */
  function leave(failed: Transport): void {
    if (failed !== current.transport) return;
    at = (at + 1) % servers.length;
    current = open(servers[at]!);
    void failed.close();
  }

  async function attempt<R>(verb: string, call: (transport: Transport) => Promise<R>): Promise<R> {
    for (let tries = 1; ; tries++) {
      const { transport } = current;
      const done = current.wait();
      try {
        return await call(transport);
      } catch (error) {
        if (!(error instanceof ServerUnreachableError)) throw error;
        leave(transport);
        if (tries >= servers.length || !(reads.has(verb) || unsent.has(error.code))) throw error;
      } finally {
        done();
      }
    }
  }

  /** A stream that ends or breaks is begun anew by whoever reads it: from where it was, which only he knows. */
  async function* follow<P>(open: (transport: Transport) => AsyncIterable<P>): AsyncGenerator<P> {
    const { transport } = current;
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
    close: () => current.transport.close(),
  };
}

/** The transport to one server, and whether that is there while calls wait for it. */
class Line {
  readonly transport: Transport;
  readonly #server: URL;
  readonly #connectMs: number;
  readonly #dead: () => void;
  #waiting = 0;
  #heard = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(server: string, transport: Transport, connectMs: number, dead: () => void) {
    this.transport = transport;
    this.#server = new URL(server);
    this.#connectMs = connectMs;
    this.#dead = dead;
  }

  /** The answer is to be called when the wait is over. */
  wait(): () => void {
    this.#waiting++;
    this.#lookLater();
    return () => {
      this.#waiting--;
      this.#heard = true;
    };
  }

  #lookLater(): void {
    this.#timer ??= setTimeout(() => void this.#look(), suspectMs).unref();
  }

  async #look(): Promise<void> {
    if (this.#waiting > 0 && !this.#heard && !(await this.#connects())) return this.#dead();
    this.#heard = false;
    this.#timer = undefined;
    if (this.#waiting > 0) this.#lookLater();
  }

  #connects(): Promise<boolean> {
    const { hostname, port, protocol } = this.#server;
    const usualPort = protocol === 'https:' ? 443 : 80;
    return new Promise((resolve) => {
      const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || usualPort });
      const end = (connects: boolean) => {
        socket.destroy();
        resolve(connects);
      };
      socket.setTimeout(this.#connectMs, () => end(false));
      socket.on('connect', () => end(true)).on('error', () => end(false));
    });
  }
}
