/**
 * The kubelet's own HTTP server, with the paths of the original: for API servers of other processes, relays and people.
 * Where machines share one host, each has its own on a free port of the loopback address, so that no port need be the
 * same for all, and nobody logs in. A machine of its own listens at its address, and takes only masters' certificates.
 * The Node object says where it is.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import type { TLSSocket } from 'node:tls';
import { checkHost, checkOrigin } from '../../api/origin.ts';
import { ApiError, badRequest } from '../../api/status.ts';
import { masters } from '../../api/users.ts';
import type { LogFiles } from '../../async/log-files.ts';
import type { Running } from '../../async/running.ts';
import type { KubeletEndpoint } from '../node-status.ts';
import type { Parts } from '../parts.ts';
import { type KubeletPath, kubeletPaths, type TextAnswer } from './paths.ts';

export interface KubeletServer extends Running, KubeletEndpoint {}

/** Where other machines reach it, and the certificates in PEM: the authority's, and its own. */
export interface PublicEndpoint {
  host: string;
  port: number;
  tls: { ca: string; certificate: string; key: string };
}

export interface KubeletServerOptions {
  logs: LogFiles;
  /** Loopback only unless given. */
  endpoint?: PublicEndpoint | undefined;
}

export async function startKubeletServer(
  parts: Parts,
  { logs, endpoint }: KubeletServerOptions,
): Promise<KubeletServer> {
  const closing = new AbortController();
  const paths = kubeletPaths(parts, logs, closing.signal);
  const check = endpoint ? checkMaster : checkPage;
  const receive = (request: IncomingMessage, response: ServerResponse) => {
    serve(paths, request, response, check).catch((error) => fail(response, error));
  };
  const server = endpoint ? createTlsServer(tlsOptions(endpoint), receive) : createServer(receive);
  const { host, port } = endpoint ?? { host: '127.0.0.1', port: 0 };
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    host: endpoint ? host : hostname(),
    port: (server.address() as AddressInfo).port,
    async stop() {
      closing.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function tlsOptions({ tls }: PublicEndpoint) {
  const { ca, certificate: cert, key } = tls;
  return { ca, cert, key, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' as const };
}

function checkPage(request: IncomingMessage): void {
  checkHost(request, true);
  checkOrigin(request.headers, true);
}

/** Agents of other nodes have certificates of the same authority, and no business here. */
function checkMaster(request: IncomingMessage): void {
  const { O: groups } = (request.socket as TLSSocket).getPeerCertificate().subject as { O?: string | string[] };
  if (![groups].flat().includes(masters)) throw new ApiError('Forbidden', 'Forbidden');
}

async function serve(
  paths: ReadonlyMap<string, KubeletPath>,
  request: IncomingMessage,
  response: ServerResponse,
  check: (request: IncomingMessage) => void,
): Promise<void> {
  check(request);
  const [, path = '', query = ''] = /^([^?]*)\??(.*)$/.exec(request.url ?? '/') ?? [];
  const [first = '', ...rest] = path.slice(1).split('/').map(unescaped);
  const found = paths.get(first);
  if (!found) throw new ApiError('NotFound', '404 page not found');
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (method !== found.method) throw new ApiError('MethodNotAllowed', 'Method Not Allowed');
  const answer = await found.answer({ rest, query: new URLSearchParams(query), response });
  if (answer) send(response, answer);
}

function unescaped(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badRequest(`invalid escape in the path: ${part}`);
  }
}

function send(response: ServerResponse, { body, code = 200, contentType = 'text/plain; charset=utf-8' }: TextAnswer) {
  response.writeHead(code, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) }).end(body);
}

/** In the words of the original: a text, and for what nobody expected 500. */
function fail(response: ServerResponse, error: Error): void {
  if (response.headersSent) response.destroy();
  else if (error instanceof ApiError) send(response, { body: error.message, code: error.code });
  else send(response, { body: `Internal Error: ${error.message}`, code: 500 });
}
