/**
 * The yardstick: node:http and nothing else, answering each path with the bytes that the API server at argv[2] answered
 * it with. POST /fan-out?N&M writes N events to every open watch, M of them per turn.
 */
import { createServer, get, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const remembered = new Map<string, Buffer>();
const watchers = new Set<ServerResponse>();
const event = Buffer.from(`{"type":"ADDED","object":${'x'.repeat(1000)}}\n`);

function fetchBytes(path: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    get(`http://127.0.0.1:${process.argv[2]}${path}`, (response) => {
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks)));
    }).on('error', reject);
  });
}

for (const path of process.argv.slice(3)) remembered.set(path, await fetchBytes(path));

const server = createServer((request, response) => {
  const path = request.url ?? '/';
  const bytes = remembered.get(path);
  if (bytes) {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': bytes.length });
    response.end(bytes);
  } else if (path.startsWith('/watch')) {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.flushHeaders();
    watchers.add(response);
  } else {
    const [events = 0, atOnce = 1] = path.split(/[?&]/).slice(1).map(Number);
    fanOut(events, atOnce);
    response.writeHead(200, { 'Content-Length': 0 });
    response.end();
  }
});
process.on('message', () => process.send?.(process.cpuUsage()));
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));

/** `atOnce` events per turn, as so many clients at the same time would cause them. */
function fanOut(left: number, atOnce: number): void {
  if (left <= 0) return;
  for (let i = 0; i < Math.min(left, atOnce); i++) for (const watcher of watchers) watcher.write(event);
  setImmediate(fanOut, left - atOnce, atOnce);
}
