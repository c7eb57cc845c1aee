/** The fleet API on a Unix socket that only its user can open: fleetctl's `--endpoint unix:///…`. */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Running } from '../../async/running.ts';
import type { Fleet } from './index.ts';

const bodyBytesMax = 1024 * 1024;

export async function serveFleetSocket(socket: string, fleet: Fleet): Promise<Running> {
  const server = createServer((request, response) => void receive(fleet, request, response));
  rmSync(socket, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  chmodSync(socket, 0o600);
  return {
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(socket, { force: true });
    },
  };
}

async function receive(fleet: Fleet, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://domain-sock');
  const { method = 'GET' } = request;
  const asked = { method, path: pathname, query: searchParams, body: () => bodyOf(request) };
  const { code, body, contentType, headers } = await fleet.handle(asked);
  response.writeHead(code, {
    ...headers,
    ...(contentType && { 'Content-Type': contentType }),
    'Content-Length': body.length,
  });
  response.end(body);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bodyBytesMax) throw new Error('the body is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
