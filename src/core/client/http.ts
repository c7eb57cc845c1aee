/**
 * The Transport over HTTP. On node:http and nothing else, because every run of the command line loads it; TLS is loaded
 * for servers that want it.
 */
import { Agent, type IncomingMessage, request as startRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { KubeList, KubeObject, WatchEvent } from '../api/object.ts';
import type { ApiRequest } from '../api/request.ts';
import { ApiError, codes, noSuchResource, type Reason, type Status } from '../api/status.ts';
import { acceptOf, bodyOf, formatTerm, methods, patchMediaTypes, pathOf, queryOf, termHeader } from './paths.ts';
import type { Transport } from './transport.ts';
import { ServerUnreachableError } from './unreachable.ts';

/** All in PEM. */
export interface TlsIdentity {
  /** Who the server must be known by; the authorities of this computer unless given. */
  ca?: string | undefined;
  /** Who we are. */
  certificate?: string | undefined;
  key?: string | undefined;
  /** Takes any server: only for users who asked for it. */
  insecure?: boolean | undefined;
}

export interface HttpTransportOptions {
  /** `http://127.0.0.1:8080`; a path in it goes before all others. */
  server: string;
  /** For `https://`. */
  tls?: TlsIdentity | undefined;
  userAgent?: string;
  /** How long the server may stay silent before a request fails. Watches and logs may be silent for longer. */
  timeoutMs?: number;
  /** How long it may take to get a connection. */
  connectMs?: number;
}

export function createHttpTransport(options: HttpTransportOptions): Transport {
  return new HttpTransport(options);
}

interface Call {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string | undefined;
  /** Silence that fails the call; 0 is none. */
  timeoutMs: number;
}

class HttpTransport implements Transport {
  readonly #server: string;
  readonly #userAgent: string;
  readonly #timeoutMs: number;
  readonly #connectMs: number;
  readonly #agent: Agent;
  readonly #request: typeof startRequest;
  readonly #origin: { host: string; port: string; base: string };

  constructor(options: HttpTransportOptions) {
    const { server, tls = {}, userAgent = 'kubecfg', timeoutMs = 30_000, connectMs = 10_000 } = options;
    const url = new URL(server);
    if (!/^https?:$/.test(url.protocol)) throw new Error(`server ${server}: only http:// and https:// are supported`);
    this.#server = server;
    this.#userAgent = userAgent;
    this.#timeoutMs = timeoutMs;
    this.#connectMs = connectMs;
    if (url.protocol === 'https:') {
      const https = process.getBuiltinModule('node:https');
      const { ca, certificate: cert, key, insecure } = tls;
      this.#agent = new https.Agent({ keepAlive: true, ca, cert, key, rejectUnauthorized: !insecure });
      this.#request = https.request as typeof startRequest;
    } else {
      this.#agent = new Agent({ keepAlive: true });
      this.#request = startRequest;
    }
    // URL writes IPv6 addresses in brackets, sockets take them without.
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const usualPort = url.protocol === 'https:' ? '443' : '80';
    this.#origin = { host, port: url.port || usualPort, base: url.pathname.replace(/\/+$/, '') };
  }

  async send(request: ApiRequest, signal?: AbortSignal): Promise<unknown> {
    const call = this.#callOf(request, this.#timeoutMs);
    const answer = await this.#exchange(call, signal, async (response) => parse(await textOf(response), call.path));
    if (request.verb === 'list' && !request.options?.as) nameItems(request, answer as KubeList);
    return answer;
  }

  async *watch(request: ApiRequest, signal: AbortSignal): AsyncGenerator<WatchEvent<KubeObject>> {
    const { timeoutSeconds } = request.options ?? {};
    // The server has promised to end it by then; a connection that is silent for longer is dead.
    const timeoutMs = timeoutSeconds === undefined ? 0 : timeoutSeconds * 1000 + this.#timeoutMs;
    const call = this.#callOf(request, timeoutMs);
    for await (const line of this.#follow(call, signal, linesOf)) {
      const event = parse(line, call.path) as { type: string; object: unknown };
      if (event.type === 'ERROR') throw ApiError.fromStatus(event.object as Status);
      yield event as WatchEvent<KubeObject>;
    }
  }

  stream(request: ApiRequest, signal: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#follow(this.#callOf(request, 0), signal, (response) => response);
  }

  async raw(path: string): Promise<unknown> {
    const call = { method: 'GET', path, headers: { Accept: 'application/json, */*' }, timeoutMs: this.#timeoutMs };
    return await this.#exchange(call, undefined, async (response) => {
      const text = await textOf(response);
      return isJson(response) ? parse(text, path) : text;
    });
  }

  download(path: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const call = { method: 'GET', path, headers: { Accept: '*/*' }, timeoutMs: this.#timeoutMs };
    return this.#follow(call, signal, (response) => response);
  }

  async close(): Promise<void> {
    this.#agent.destroy();
  }

  #callOf(request: ApiRequest, timeoutMs: number): Call {
    const headers: Record<string, string> = { Accept: acceptOf(request) };
    const { term } = request.options ?? {};
    if (term) headers[termHeader] = formatTerm(term);
    const content = bodyOf(request);
    if (content !== undefined) {
      const isPatch = request.verb === 'patch';
      headers['Content-Type'] = isPatch ? patchMediaTypes[request.patchType ?? 'merge'] : 'application/json';
    }
    const body = content === undefined ? undefined : JSON.stringify(content);
    return { method: methods[request.verb], path: pathOf(request) + queryOf(request), headers, body, timeoutMs };
  }

  /** One call from its start to the end of its answer. */
  async #exchange<R>(
    call: Call,
    signal: AbortSignal | undefined,
    read: (r: IncomingMessage) => Promise<R>,
  ): Promise<R> {
    try {
      return await read(await this.#open(call, signal));
    } catch (error) {
      throw this.#explain(error, signal);
    }
  }

  /** The answer in pieces as they come, until it ends, the reader leaves or `signal` aborts. */
  async *#follow<P>(
    call: Call,
    signal: AbortSignal,
    split: (response: IncomingMessage) => AsyncIterable<P>,
  ): AsyncGenerator<P> {
    try {
      if (signal.aborted) return;
      for await (const piece of split(await this.#open(call, signal))) {
        if (signal.aborted) return;
        yield piece;
      }
    } catch (error) {
      if (!signal.aborted) throw this.#explain(error, signal);
    }
  }

  /** The head of a good answer; throws the ApiError of a bad one. */
  async #open(call: Call, signal?: AbortSignal): Promise<IncomingMessage> {
    const response = await this.#start(call, signal);
    if (response.statusCode! < 400) return response;
    throw errorOf(response.statusCode!, await textOf(response));
  }

  #start(call: Call, signal: AbortSignal | undefined, isRetry = false): Promise<IncomingMessage> {
    const { method, path, body, timeoutMs } = call;
    const { host, port, base } = this.#origin;
    // Node leaves the length out for methods that rarely have a body, such as DELETE.
    const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
    const headers = { ...call.headers, ...length, 'User-Agent': this.#userAgent };
    return new Promise((resolve, reject) => {
      const options = { agent: this.#agent, host, port, method, path: base + path, headers, timeout: timeoutMs };
      const request = this.#request({ ...options, ...(signal && { signal }) }, resolve);
      request.on('socket', (socket) => this.#limitConnecting(socket));
      request.on('timeout', () => request.destroy(new SilenceError(timeoutMs)));
      request.on('error', (error) => {
        // The server may close an idle connection at the moment we take it; a read can simply be sent again.
        const stale = request.reusedSocket && !isRetry && method === 'GET' && codeOf(error) === 'ECONNRESET';
        if (stale && !signal?.aborted) resolve(this.#start(call, signal, true));
        else reject(error);
      });
      request.end(body);
    });
  }

  #limitConnecting(socket: Socket): void {
    if (!socket.connecting) return;
    const timer = setTimeout(() => socket.destroy(new ConnectError(this.#connectMs)), this.#connectMs);
    const done = () => clearTimeout(timer);
    socket.once('connect', done).once('close', done);
  }

  /** Errors of the connection get the server's name; an aborted call gets the reason of its abortion. */
  #explain(error: unknown, signal: AbortSignal | undefined): unknown {
    if (signal?.aborted) return signal.reason;
    return codeOf(error) ? new ServerUnreachableError(this.#server, error as Error) : error;
  }
}

class SilenceError extends Error {
  readonly code = 'ETIMEDOUT';
  constructor(ms: number) {
    super(`silent for ${ms / 1000} s`);
  }
}

/** Nothing was sent. */
class ConnectError extends Error {
  readonly code = 'EHOSTUNREACH';
  constructor(ms: number) {
    super(`no connection within ${ms / 1000} s`);
  }
}

/** What Node calls an error of its own; an ApiError's code is a number. */
function codeOf(error: unknown): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}
const isJson = (response: IncomingMessage) => /[/+]json/.test(response.headers['content-type'] ?? '');

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Whole lines. Split as bytes: a character may arrive in two pieces. */
async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  let pieces: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      pieces.push(chunk.subarray(start, end));
      yield Buffer.concat(pieces).toString();
      pieces = [];
      start = end + 1;
    }
    if (start < chunk.length) pieces.push(chunk.subarray(start));
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${path}: the answer is not JSON, so this is no API server: ${text.slice(0, 200)}`);
  }
}

/** A Status when the server sent one; a proxy or another program on that port may say anything (client-go's words). */
function errorOf(code: number, text: string): ApiError {
  const status = text.startsWith('{') ? (parse(text, 'an error') as Status) : undefined;
  if (status?.kind === 'Status') return ApiError.fromStatus(status);
  if (code === 404) return noSuchResource();
  const [reason = 'InternalError'] = Object.entries(codes).find(([, known]) => known === code) ?? [];
  const said = JSON.stringify(text.trim().slice(0, 200));
  const message = `an error on the server (${said}) has prevented the request from succeeding`;
  return new ApiError(reason as Reason, message, {}, code);
}

/** A list leaves out kind and apiVersion of its items; with them, objects are alike however they came. */
function nameItems({ kind }: ApiRequest, list: KubeList): void {
  list.items = list.items.map((item) => ({ kind: kind.kind, apiVersion: kind.apiVersion, ...item }));
}
