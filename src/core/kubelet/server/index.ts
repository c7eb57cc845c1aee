/**
 * The kubelet's own HTTP server, with the paths of the original: for API servers of other processes, relays and people.
 * Every node has its own, on a free port of the loopback address: machines share one host, so that no port could be the
 * same for all, and nobody logs in here. The Node object says where it is.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { checkHost, checkOrigin } from '../../api/origin.ts';
import { ApiError, badRequest } from '../../api/status.ts';
import type { LogFiles } from '../../async/log-files.ts';
import type { Running } from '../../async/running.ts';
import type { KubeletEndpoint } from '../node-status.ts';
import type { Parts } from '../parts.ts';
import { type KubeletPath, kubeletPaths, type TextAnswer } from './paths.ts';

export interface KubeletServer extends Running, KubeletEndpoint {}

export async function startKubeletServer(parts: Parts, logs: LogFiles): Promise<KubeletServer> {
  const closing = new AbortController();
  const paths = kubeletPaths(parts, logs, closing.signal);
  const server = createServer((request, response) => {
    serve(paths, request, response).catch((error) => fail(response, error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    host: hostname(),
    port: (server.address() as AddressInfo).port,
    async stop() {
      closing.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(
  paths: ReadonlyMap<string, KubeletPath>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  checkHost(request, true);
  checkOrigin(request.headers, true);
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
