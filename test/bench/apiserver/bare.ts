/**
 * The yardstick: node:http and nothing else, answering each path with the bytes that the API server at argv[2] answered
 * it with. POST /fan-out?events=N writes one event N times to every open watch.
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
    fanOut(Number(path.split('=')[1]));
    response.writeHead(200, { 'Content-Length': 0 });
    response.end();
  }
});
process.on('message', () => process.send?.(process.cpuUsage()));
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));

/** One event per turn, as a server sees them come. */
function fanOut(left: number): void {
  if (left === 0) return;
  for (const watcher of watchers) watcher.write(event);
  setImmediate(fanOut, left - 1);
}
