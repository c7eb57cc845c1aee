/** The HTTP adapter: requests in, answers out, nothing decided here that the engine could decide. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApiRequest } from '../../api/request.ts';
import { ApiError, badRequest, internalError, methodNotAllowed, noSuchResource } from '../../api/status.ts';
import type { Logger } from '../../async/log.ts';
import type { Answer } from '../answer.ts';
import type { Context } from '../context.ts';
import type { Discovery } from '../discovery.ts';
import { handle } from '../engine.ts';
import { negotiate } from './accept.ts';
import { deleteOptionsOf, mediaType, parseBody, parseJson, patchTypeOf, readBody } from './body.ts';
import { checkOrigin, isLoopback } from './guard.ts';
import { isTrue, logOptionsOf, optionsOf } from './query.ts';
import { type Form, isPretty, sendAnswer, sendError, sendRaw } from './respond.ts';
import { type Route, routeOf } from './route.ts';
import { streamLog, streamWatch } from './streams.ts';

/** Longer than clients and proxies keep an idle connection, so that they close it, never we under their request. */
const keepAliveMs = 75_000;
/** Watches without a wish of their own end after a random time from this to twice this, to spread reconnects. */
const watchSecondsMin = 1800;
const closeGraceMs = 5000;

export interface HttpLimits {
  readonly bodyBytesMax: number;
  /** Writes on their way at the same time; more are told to come again. */
  readonly writesMax: number;
}

const noQuery = new URLSearchParams();

export class HttpServer {
  readonly #context: Context;
  readonly #discovery: Discovery;
  readonly #log: Logger;
  readonly #limits: HttpLimits;
  readonly #servers = new Set<Server>();
  readonly #closing = new AbortController();
  #writes = 0;

  constructor(context: Context, discovery: Discovery, log: Logger, limits: HttpLimits) {
    this.#context = context;
    this.#discovery = discovery;
    this.#log = log;
    this.#limits = limits;
  }

  async listen({ host, port }: { host: string; port: number }): Promise<{ host: string; port: number }> {
    const loopbackOnly = isLoopback(host);
    const server = createServer({ keepAliveTimeout: keepAliveMs }, (request, response) =>
      this.#serve(request, response, loopbackOnly),
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

  /** Takes no new requests, and waits for those in flight; streams must have been ended before. */
  async close(): Promise<void> {
    this.#closing.abort();
    const servers = [...this.#servers];
    this.#servers.clear();
    const timer = this.#context.clock.after(closeGraceMs, () => {
      for (const server of servers) server.closeAllConnections();
    });
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    timer.cancel();
  }

  #serve(request: IncomingMessage, response: ServerResponse, loopbackOnly: boolean): void {
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    const query = mark < 0 ? noQuery : new URLSearchParams(url.slice(mark + 1));
    if (this.#closing.signal.aborted) response.setHeader('Connection', 'close');
    const fail = (error: unknown) => this.#fail(response, error, isPretty(request, query));
    try {
      checkOrigin(request.headers, loopbackOnly);
      const route = routeOf(path);
      const pending = route
        ? this.#serveResource(request, response, route, query, fail)
        : this.#servePath(request, response, url, query);
      pending?.catch(fail);
    } catch (error) {
      fail(error);
    }
  }

  async #servePath(request: IncomingMessage, response: ServerResponse, url: string, query: URLSearchParams) {
    if (!this.#discovery.has(url.split('?', 1)[0]!)) throw noSuchResource();
    if (!isRead(request)) throw methodNotAllowed();
    sendRaw(response, await this.#discovery.get(url), isPretty(request, query));
  }

  #serveResource(
    request: IncomingMessage,
    response: ServerResponse,
    route: Route,
    query: URLSearchParams,
    fail: (error: unknown) => void,
  ): Promise<void> | undefined {
    if (isRead(request)) return this.#read(request, response, route, query);
    const verb = writeVerbOf(request.method ?? '', route);
    const { kind, namespace, name, subresource } = route;
    const form = this.#formOf(request, query, verb === 'deletecollection' ? 'list' : 'one');
    const contentType = mediaType(request.headers['content-type']);
    const base: ApiRequest = { verb, kind, namespace, name, subresource, options: optionsOf(query) };
    if (verb === 'patch') base.patchType = patchTypeOf(contentType);

    readBody(request, this.#limits.bodyBytesMax, (error, bytes) => {
      try {
        if (error) response.setHeader('Connection', 'close');
        if (error) throw error;
        const body =
          verb === 'patch'
            ? parseJson(bytes!)
            : verb.startsWith('delete') && bytes!.length === 0
              ? undefined
              : parseBody(bytes!, contentType);
        const written =
          body instanceof Promise
            ? body.then((parsed) => this.#write(base, parsed, query))
            : this.#write(base, body, query);
        written.then((answer) => sendAnswer(response, answer, form, this.#context.clock.now())).catch(fail);
      } catch (problem) {
        fail(problem);
      }
    });
    return undefined;
  }

  #read(
    request: IncomingMessage,
    response: ServerResponse,
    route: Route,
    query: URLSearchParams,
  ): Promise<void> | undefined {
    const { kind, namespace, name, subresource } = route;
    const options = query === noQuery ? {} : optionsOf(query);
    const watches = route.watch || isTrue(query.get('watch') ?? 'false');
    if (subresource === 'log') {
      const log = logOptionsOf(query);
      return streamLog(
        this.#context,
        { verb: 'get', kind, namespace, name, subresource, options: { log } },
        response,
        this.#closing.signal,
      );
    }
    if (watches && !subresource) {
      const form = this.#formOf(request, query, 'watch');
      options.timeoutSeconds ??= Math.floor(watchSecondsMin * (1 + this.#context.random.next()));
      streamWatch(this.#context, { verb: 'watch', kind, namespace, name, options }, response, form);
      return undefined;
    }
    const verb = name === undefined ? 'list' : 'get';
    const form = this.#formOf(request, query, verb === 'list' ? 'list' : 'one');
    const answer = handle(this.#context, { verb, kind, namespace, name, subresource, options });
    const { clock } = this.#context;
    if (answer instanceof Promise) return answer.then((late) => sendAnswer(response, late, form, clock.now()));
    return sendAnswer(response, answer, form, clock.now()) as Promise<void> | undefined;
  }

  async #write(request: ApiRequest, body: unknown, query: URLSearchParams): Promise<Answer> {
    if (this.#writes >= this.#limits.writesMax) {
      throw new ApiError('TooManyRequests', 'too many writes at the same time, please try again later', {
        retryAfterSeconds: 1,
      });
    }
    this.#writes++;
    try {
      return await handle(this.#context, withBody(request, body, query));
    } finally {
      this.#writes--;
    }
  }

  #formOf(request: IncomingMessage, query: URLSearchParams, target: 'one' | 'list' | 'watch'): Form {
    const { as, yaml } = negotiate(request.headers.accept, target);
    const includeObject = query.get('includeObject') as Form['includeObject'];
    return { as, yaml, pretty: isPretty(request, query), ...(includeObject && { includeObject }) };
  }

  #fail(response: ServerResponse, error: unknown, pretty: boolean): void {
    if (response.headersSent) response.destroy();
    else if (error instanceof ApiError) sendError(response, error, pretty);
    else {
      const { stack, message } = error as Error;
      this.#log.error(`a request failed: ${stack ?? error}`);
      sendError(response, internalError(message), pretty);
    }
  }
}

const isRead = ({ method }: IncomingMessage) => method === 'GET' || method === 'HEAD';

function writeVerbOf(method: string, { name, subresource }: Route): ApiRequest['verb'] {
  const onCollection = name === undefined;
  if (method === 'POST' && (onCollection || subresource)) return 'create';
  if (method === 'PUT' && !onCollection) return 'update';
  if (method === 'PATCH' && !onCollection) return 'patch';
  if (method === 'DELETE' && !subresource) return onCollection ? 'deletecollection' : 'delete';
  throw methodNotAllowed();
}

function withBody(request: ApiRequest, body: unknown, query: URLSearchParams): ApiRequest {
  if (request.verb !== 'delete' && request.verb !== 'deletecollection') return { ...request, body };
  // The body wins over the query.
  const asked = body === undefined ? queryDeleteOptions(query) : deleteOptionsOf(body);
  return { ...request, options: { ...request.options, ...asked } };
}

function queryDeleteOptions(query: URLSearchParams): ApiRequest['options'] {
  const grace = query.get('gracePeriodSeconds');
  if (grace && !/^-?\d+$/.test(grace))
    throw badRequest(`gracePeriodSeconds: ${JSON.stringify(grace)} is not a whole number`);
  return deleteOptionsOf({
    ...(grace && { gracePeriodSeconds: Number(grace) }),
    propagationPolicy: query.get('propagationPolicy') || undefined,
  });
}
