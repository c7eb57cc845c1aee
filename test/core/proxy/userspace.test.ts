import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { test } from 'node:test';
import { UserspacePortal } from '../../../src/core/proxy/userspace.ts';

/** A server that sends its name and then what it received. */
async function backend(name: string) {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.write(`${name}:`);
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { ip: '127.0.0.1', port: (server.address() as AddressInfo).port, close: () => server.close() };
}

async function ask(address: string, text: string): Promise<string> {
  const [host, port] = address.split(':');
  const socket = connect({ host: host!, port: Number(port), allowHalfOpen: true });
  socket.end(text);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

const aPortal = (backends: { ip: string; port: number }[], clientAffinity = false) => ({
  name: 'default/web:80',
  protocol: 'TCP' as const,
  addresses: ['10.0.0.5'],
  port: 80,
  clientAffinity,
  backends,
});

test('connections go to the backends in turn, half-closed ones still get their answer', async () => {
  const [a, b] = [await backend('a'), await backend('b')];
  const portal = new UserspacePortal(aPortal([a, b]));
  const address = await portal.listen();

  const answers = [await ask(address, 'x'), await ask(address, 'y'), await ask(address, 'z')];

  assert.deepEqual(answers, ['a:x', 'b:y', 'a:z']);
  await portal.close();
  a.close();
  b.close();
});

test('a backend that refuses is passed over', async () => {
  const [dead, alive] = [await backend('dead'), await backend('alive')];
  dead.close();
  const portal = new UserspacePortal(aPortal([dead, alive]));

  assert.equal(await ask(await portal.listen(), 'x'), 'alive:x');
  await portal.close();
  alive.close();
});

test('with client affinity one client stays with one backend', async () => {
  const [a, b] = [await backend('a'), await backend('b')];
  const portal = new UserspacePortal(aPortal([a, b], true));
  const address = await portal.listen();

  const answers = new Set([await ask(address, ''), await ask(address, ''), await ask(address, '')]);

  assert.equal(answers.size, 1);
  await portal.close();
  a.close();
  b.close();
});
