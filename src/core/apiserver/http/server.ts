/** The HTTP adapter: listens, lets in who may come in, and sees that every request gets an answer. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiError, internalError, methodNotAllowed, noSuchResource } from '../../api/status.ts';
import { type OlderVersion, olderVersions } from '../../api/versions/version.ts';
import type { Logger } from '../../async/log.ts';
import type { Context } from '../context.ts';
import type { Dialect } from '../dialect.ts';
import type { Discovery } from '../discovery.ts';
import { Cors } from './cors.ts';
import { type Exchange, exchangeOf, isRead } from './exchange.ts';
import { checkOrigin, isLoopback } from './guard.ts';
import { serveRead } from './read.ts';
import { record } from './record.ts';
import { sendError, sendRaw } from './respond.ts';
import { routeOf } from './route.ts';
import { Writes } from './write.ts';

/** Longer than clients and proxies keep an idle connection, so that they close it, never we under their request. */
const keepAliveMs = 75_000;
/** After this time of grace a closing server drops the connections that are left. */
const closeGraceMs = 5000;

export interface HttpLimits {
  readonly bodyBytesMax: number;
  /** Writes on their way at the same time; more are told to come again. */
  readonly writesMax: number;
  /** Regular expressions for the origins of pages that are let in. */
  readonly corsAllowedOrigins: readonly string[];
}

export class HttpServer {
  readonly #context: Context;
  readonly #discovery: Discovery;
  readonly #log: Logger;
  readonly #writes: Writes;
  readonly #cors: Cors;
  readonly #servers = new Set<Server>();
  /** Requests that were not answered within the call that brought them: writes and streams. */
  readonly #open = new Set<ServerResponse>();
  readonly #closing = new AbortController();

  constructor(context: Context, discovery: Discovery, log: Logger, limits: HttpLimits) {
    this.#context = context;
    this.#discovery = discovery;
    this.#log = log;
    this.#writes = new Writes(context, limits);
    this.#cors = new Cors(limits.corsAllowedOrigins);
  }

  async listen({ host, port }: { host: string; port: number }): Promise<{ host: string; port: number }> {
    const loopbackOnly = isLoopback(host);
    const server = createServer({ keepAliveTimeout: keepAliveMs }, (request, response) =>
      this.#receive(request, response, loopbackOnly),
    );
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    this.#servers.add(server);
    return { host, port: (server.address() as AddressInfo).port };
  }

  get writesInFlight(): number {
    return this.#writes.inFlight;
  }

  /** Takes no new requests, and waits for those in flight; watches must have been ended before. */
  async close(): Promise<void> {
    this.#closing.abort();
    const servers = [...this.#servers];
    this.#servers.clear();
    // Idle connections are closed by server.close(); these have to be once their answer is out.
    for (const response of this.#open) response.once('close', () => response.req.socket.end());
    const timer = this.#context.clock.after(closeGraceMs, () => {
      for (const server of servers) server.closeAllConnections();
    });
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    timer.cancel();
  }

  #receive(request: IncomingMessage, response: ServerResponse, loopbackOnly: boolean): void {
    const exchange = exchangeOf(request, response);
    if (this.#closing.signal.aborted) response.setHeader('Connection', 'close');
    try {
      const isAdmitted = this.#cors.admits(request, response);
      checkOrigin(isAdmitted ? { host: request.headers.host } : request.headers, loopbackOnly);
      if (isAdmitted && request.method === 'OPTIONS') {
        response.writeHead(204).end();
        return;
      }
      const pending = this.#serve(exchange);
      pending?.catch((error) => this.#fail(exchange, error));
      if (!response.writableEnded) {
        this.#track(exchange);
        return;
      }
    } catch (error) {
      this.#fail(exchange, error);
    }
    record(this.#context, exchange);
  }

  #track(exchange: Exchange): void {
    const { response } = exchange;
    this.#open.add(response);
    response.once('close', () => {
      this.#open.delete(response);
      record(this.#context, exchange);
    });
  }

  /** Reads are answered within the call unless they have to wait for something. */
  #serve(exchange: Exchange): Promise<void> | void {
    const route = routeOf(exchange.path);
    if (!route) return this.#serveOlder(exchange) ?? this.#servePath(exchange);
    exchange.route = route;
    if (isRead(exchange)) return serveRead(this.#context, exchange, route, this.#closing.signal);
    return this.#writes.serve(exchange, route);
  }

  /** The code of versions before v1 is loaded when one of them is first asked for. */
  #serveOlder(exchange: Exchange): Promise<void> | undefined {
    const version = olderVersions.find((known) => exchange.path.startsWith(`/api/${known}/`));
    return version && this.#serveIn(version, exchange);
  }

  async #serveIn(version: OlderVersion, exchange: Exchange): Promise<void> {
    const { errorDialect, olderExchange } = await import('../versions/index.ts');
    let older: Exchange | undefined;
    try {
      older = olderExchange(version, exchange);
      await this.#serve(older);
    } catch (error) {
      this.#fail(exchange, error, errorDialect(version));
    } finally {
      exchange.route = older?.route;
    }
  }

  async #servePath(exchange: Exchange): Promise<void> {
    const { request, path, query } = exchange;
    if (!this.#discovery.has(path)) throw noSuchResource();
    if (!isRead(exchange)) throw methodNotAllowed();
    sendRaw(exchange, await this.#discovery.get(path, query, request.headers));
  }

  #fail(exchange: Exchange, error: unknown, dialect?: Pick<Dialect, 'error'>): void {
    const { response } = exchange;
    if (response.headersSent) {
      // Half an answer cannot become an error any more; an end that is cut off is one.
      response.destroy();
      return;
    }
    if (!(error instanceof ApiError)) this.#log.error(`a request failed: ${(error as Error).stack ?? error}`);
    const known = error instanceof ApiError ? error : internalError((error as Error).message);
    sendError(exchange, known, dialect);
  }
}
