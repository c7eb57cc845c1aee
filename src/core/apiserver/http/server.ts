/** The HTTP adapter: listens, lets in who may come in, and sees that every request gets an answer. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { checkHost, checkOrigin, isLoopback } from '../../api/origin.ts';
import { ApiError, internalError, methodNotAllowed, noSuchResource } from '../../api/status.ts';
import { type OlderVersion, olderVersions } from '../../api/versions/version.ts';
import type { Logger } from '../../async/log.ts';
import { checkAccess } from '../access/gate.ts';
import { type JoinDesk, joinPath } from '../access/join.ts';
import type { Context } from '../context.ts';
import type { Dialect } from '../dialect.ts';
import type { Discovery } from '../discovery.ts';
import { isPieces, type RawService } from '../paths/raw.ts';
import { discardBody, parseJson } from './body.ts';
import { answerBroken, brokenRequest, tooSlow } from './broken.ts';
import { Cors } from './cors.ts';
import { type Exchange, exchangeOf, isRead } from './exchange.ts';
import { InFlight } from './in-flight.ts';
import type { HttpLimits } from './limits.ts';
import { type Certificates, createListener, type Receivers } from './listener.ts';
import { serveRead } from './read.ts';
import { record } from './record.ts';
import { sendError, sendRaw } from './respond.ts';
import { type Relay, routeOf } from './route.ts';
import { upgradeOf } from './upgrade.ts';
import { Writes } from './write.ts';

/** After this time of grace a closing server drops the connections that are left. */
const closeGraceMs = 5000;

export class HttpServer {
  readonly #context: Context;
  readonly #discovery: Discovery;
  readonly #log: Logger;
  readonly #limits: HttpLimits;
  readonly #writes: Writes;
  readonly #cors: Cors;
  readonly #inFlight: InFlight;
  readonly #join: JoinDesk | undefined;
  readonly #servers = new Set<Server>();

  constructor(context: Context, discovery: Discovery, log: Logger, limits: HttpLimits, join?: JoinDesk) {
    this.#context = context;
    this.#discovery = discovery;
    this.#log = log;
    this.#limits = limits;
    this.#join = join;
    this.#inFlight = new InFlight(context.clock, limits, (exchange) => this.#late(exchange));
    this.#writes = new Writes(context, this.#inFlight, limits.bodyBytesMax);
    this.#cors = new Cors(limits.corsAllowedOrigins);
  }

  /** With certificates, users have to show who they are; without, everyone on this host may do everything. */
  async listen(address: { host: string; port: number }, tls?: Certificates): Promise<{ host: string; port: number }> {
    const { host, port } = address;
    const loopbackOnly = isLoopback(host);
    const check = tls ? this.#checkUser : (exchange: Exchange) => this.#checkPage(exchange, loopbackOnly);
    const receivers: Receivers = {
      request: (request, response) => this.#receive(exchangeOf(request, response), check),
      upgrade: (request, socket, head) => this.#receive(upgradeOf(request, { socket, head }), check),
      broken: (error, socket) => this.#broken(error, socket),
    };
    const server = createListener(this.#limits, receivers, tls);
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

  get requestsInFlight(): number {
    return this.#inFlight.size;
  }
  get longAnswers(): number {
    return this.#inFlight.long.size;
  }

  /** Takes no new requests, and waits for those in flight; watches must have been ended before. */
  async close(): Promise<void> {
    const { long } = this.#inFlight;
    long.close();
    const servers = [...this.#servers];
    this.#servers.clear();
    // Idle connections are closed by server.close(); these have to be once their answer is out.
    const answers = [...[...this.#inFlight].map(({ response }) => response), ...long];
    for (const answer of answers) answer.once('close', () => answer.req.socket.end());
    const timer = this.#context.clock.after(closeGraceMs, () => {
      for (const server of servers) server.closeAllConnections();
      // Of upgraded connections the servers know nothing but that they wait for them.
      for (const answer of long) answer.destroy();
    });
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    timer.cancel();
    this.#inFlight.close();
  }

  /** `check` throws when the request may not come in, and answers true when it is answered already. */
  #receive(exchange: Exchange, check: (exchange: Exchange) => boolean): void {
    const { response } = exchange;
    if (this.#inFlight.long.closing.aborted) response.setHeader('Connection', 'close');
    try {
      if (check(exchange)) return;
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

  /** Without users to tell apart: web pages must not reach us. */
  #checkPage({ request, response }: Exchange, loopbackOnly: boolean): boolean {
    const isAdmitted = this.#cors.admits(request, response);
    checkHost(request, loopbackOnly);
    if (!isAdmitted) checkOrigin(request.headers, loopbackOnly);
    if (!isAdmitted || request.method !== 'OPTIONS') return false;
    response.writeHead(204).end();
    return true;
  }

  readonly #checkUser = ({ request, path }: Exchange): boolean => {
    // Whoever joins has no certificate yet.
    if (path !== joinPath) checkAccess(request, path, this.#context.cache);
    return false;
  };

  #track(exchange: Exchange): void {
    this.#inFlight.track(exchange);
    exchange.response.once('close', () => record(this.#context, exchange));
  }

  #late(exchange: Exchange): void {
    const late = new ApiError('Timeout', 'Timeout: request did not complete within the allotted timeout', {});
    this.#abandon(
      exchange,
      exchange.request.complete ? late : tooSlow('the body of the request did not arrive in time'),
    );
  }

  /** The connection has brought something that is no HTTP, or nothing for too long. */
  #broken(error: NodeJS.ErrnoException, socket: Duplex): void {
    const known = brokenRequest(error);
    const before = [...this.#inFlight].filter(({ request }) => request.socket === socket);
    const [waiting] = before;
    // Among unfinished answers there is no place for another.
    if (!known || !socket.writable || [...this.#inFlight.long].some(({ req }) => req.socket === socket))
      socket.destroy();
    else if (!waiting) answerBroken(socket, known);
    // It may be the body of the one request that waits for it.
    else if (before.length === 1 && !waiting.request.complete) this.#abandon(waiting, known);
    else socket.destroy();
  }

  /** Answers, and ends the connection whatever may still come on it. */
  #abandon(exchange: Exchange, error: ApiError): void {
    const { request, response } = exchange;
    if (!response.headersSent) response.setHeader('Connection', 'close');
    response.once('finish', () => request.socket.destroySoon());
    this.#fail(exchange, error);
  }

  /** Reads are answered within the call unless they have to wait for something. */
  #serve(exchange: Exchange): Promise<void> | void {
    const route = routeOf(exchange.path);
    if (!route) return this.#serveOlder(exchange) ?? this.#servePath(exchange);
    exchange.route = route;
    if (route.relay) return this.#relay(exchange, route.relay);
    if (isRead(exchange)) return serveRead(this.#context, exchange, route, this.#inFlight);
    return this.#writes.serve(exchange, route);
  }

  async #relay(exchange: Exchange, relay: Relay): Promise<void> {
    const { long } = this.#inFlight;
    long.begin(exchange.response);
    const { serveRelay } = await import('../relays/index.ts');
    await serveRelay(this.#context, exchange, relay, long.closing);
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
    if (path === joinPath && this.#join) return this.#serveJoin(exchange, this.#join);
    const service = this.#discovery.serviceOf(path);
    if (service) return this.#serveService(exchange, service);
    if (!this.#discovery.has(path)) throw noSuchResource();
    if (!isRead(exchange)) throw methodNotAllowed();
    this.#inFlight.admit();
    const answer = await this.#discovery.get(path, query, request.headers);
    if (isPieces(answer.body)) this.#inFlight.long.begin(exchange.response);
    await sendRaw(exchange, answer);
  }

  async #serveService(exchange: Exchange, service: RawService): Promise<void> {
    const { request, path, query } = exchange;
    this.#inFlight.admit();
    const body = () => this.#writes.bodies.read(request);
    await sendRaw(exchange, await service({ method: request.method ?? 'GET', path, query, body }));
  }

  async #serveJoin(exchange: Exchange, desk: JoinDesk): Promise<void> {
    const { request, query } = exchange;
    this.#inFlight.admit();
    if (isRead(exchange)) return sendRaw(exchange, { body: desk.introduce(query.get('id') ?? '') });
    if (request.method !== 'POST') throw methodNotAllowed();
    const bytes = await this.#writes.bodies.read(request);
    return sendRaw(exchange, { body: await desk.admit(request, parseJson(bytes)) });
  }

  #fail(exchange: Exchange, error: unknown, dialect?: Pick<Dialect, 'error'>): void {
    const { response } = exchange;
    // Answered already: it was late, or its connection broke.
    if (response.writableEnded || response.destroyed) return;
    if (response.headersSent) {
      // Half an answer cannot become an error any more; an end that is cut off is one.
      response.destroy();
      return;
    }
    if (!(error instanceof ApiError)) this.#log.error(`a request failed: ${(error as Error).stack ?? error}`);
    const known = error instanceof ApiError ? error : internalError((error as Error).message);
    sendError(exchange, known, dialect);
    discardBody(exchange.request, this.#limits.bodyBytesMax);
  }
}
