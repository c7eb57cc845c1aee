import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { Pod } from '../../../src/core/api/kinds/index.ts';
import type { ApiRequest } from '../../../src/core/api/request.ts';
import { createFailoverTransport } from '../../../src/core/client/failover.ts';
import { ServerUnreachableError } from '../../../src/core/client/unreachable.ts';
import { waitFor } from '../../helpers/wait.ts';

const cleanups: (() => unknown)[] = [];
after(() => Promise.all(cleanups.map((cleanup) => cleanup())));

/** Answers its name to everything, until it is stopped. Watches stay open. */
async function serve(name: string): Promise<{ url: string; server: Server; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((req, res) => {
    asked.push(`${req.method} ${req.url}`);
    if (req.url?.includes('watch')) return res.writeHead(200).flushHeaders();
    if (name === 'breaks') return req.socket.destroy();
    if (name === 'silent') return;
    return res.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ name }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, asked };
}

function over(...servers: string[]) {
  const transport = createFailoverTransport({ servers });
  cleanups.push(() => transport.close());
  return transport;
}
const nobody = 'http://127.0.0.1:1';
const get: ApiRequest = { verb: 'get', kind: Pod, namespace: 'default', name: 'a' };
const create: ApiRequest = { verb: 'create', kind: Pod, namespace: 'default', body: {} };

test('what could not be sent goes to the next server, writes too', async () => {
  const second = await serve('second');
  const transport = over(nobody, second.url);
  assert.deepEqual(await transport.send(create), { name: 'second' });
  assert.deepEqual(await transport.send(get), { name: 'second' });
  assert.equal(second.asked.length, 2);
});

test('a write of unknown outcome is not sent twice; the next call goes to the next server', async () => {
  const [first, second] = [await serve('breaks'), await serve('second')];
  const transport = over(first.url, second.url);
  await assert.rejects(transport.send(create), ServerUnreachableError);
  assert.deepEqual([first.asked.length, second.asked.length], [1, 0]);
  assert.deepEqual(await transport.send(create), { name: 'second' });
});

test('a read is sent again', async () => {
  const [first, second] = [await serve('breaks'), await serve('second')];
  assert.deepEqual(await over(first.url, second.url).send(get), { name: 'second' });
});

test('with no server left the error says so', async () => {
  await assert.rejects(over(nobody, nobody).send(get), ServerUnreachableError);
});

test('watches do not stay behind on a server that others have left', async () => {
  const [first, second] = [await serve('breaks'), await serve('second')];
  const transport = over(first.url, second.url);
  const watch = transport.watch({ verb: 'watch', kind: Pod }, new AbortController().signal);
  const ended = assert.rejects(watch[Symbol.asyncIterator]().next(), ServerUnreachableError);
  await transport.send(get);
  await ended;
});

test('a server that is silent and gives no connection any more is left; one that is only slow is not', async () => {
  const [first, second] = [await serve('silent'), await serve('second')];
  const transport = over(first.url, second.url);
  const [read, write] = [transport.send(get), transport.send(create)];
  await waitFor(() => first.asked.length === 2);
  // It listens no more, and the connections that it has stay open: as a power cut looks from here.
  first.server.close();
  await assert.rejects(write, ServerUnreachableError);
  assert.deepEqual(await read, { name: 'second' });

  const slow = await serve('silent');
  const patient = createFailoverTransport({ servers: [slow.url, second.url], timeoutMs: 1_500 });
  cleanups.push(() => patient.close());
  await assert.rejects(patient.send(create), /silent for 1.5 s/);
});
