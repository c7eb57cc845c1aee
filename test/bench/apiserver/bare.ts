/**
 * The yardstick: node:http and nothing else. It answers each GET with the bytes that the API server at argv[2] answered
 * it with, reads the body of every write and answers with those of the first path. POST /fan-out?N&M writes N events to
 * every open watch, M of them per turn. Further arguments are paths, a Table where they end in `#Table`.
 */
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const [, , port, ...paths] = process.argv;
const tableType = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const remembered = new Map<string, Buffer>();
const watchers = new Set<ServerResponse>();
const event = Buffer.from(`{"type":"ADDED","object":${'x'.repeat(1000)}}\n`);

function fetchBytes(path: string, accept: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    get(`http://127.0.0.1:${port}${path}`, { headers: { accept } }, (response) => {
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks)));
    }).on('error', reject);
  });
}

for (const wanted of paths) {
  const [path = '', table] = wanted.split('#');
  remembered.set(path, await fetchBytes(path, table ? tableType : 'application/json'));
}
const [first = Buffer.alloc(0)] = remembered.values();

const server = createServer((request, response) => {
  const path = request.url ?? '/';
  const bytes = remembered.get(path);
  if (bytes) send(response, bytes);
  else if (path.startsWith('/watch')) {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.flushHeaders();
    watchers.add(response);
  } else if (path.startsWith('/fan-out')) {
    const [events = 0, atOnce = 1] = path.split(/[?&]/).slice(1).map(Number);
    fanOut(events, atOnce);
    send(response, Buffer.alloc(0));
  } else read(request, () => send(response, first));
});
process.on('message', () => process.send?.(process.cpuUsage()));
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));

function send(response: ServerResponse, bytes: Buffer): void {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': bytes.length });
  response.end(bytes);
}

function read(request: IncomingMessage, then: () => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    Buffer.concat(chunks);
    then();
  });
}

/** `atOnce` events per turn, as so many clients at the same time would cause them. */
function fanOut(left: number, atOnce: number): void {
  if (left <= 0) return;
  for (let i = 0; i < Math.min(left, atOnce); i++) for (const watcher of watchers) watcher.write(event);
  setImmediate(fanOut, left - atOnce, atOnce);
}
