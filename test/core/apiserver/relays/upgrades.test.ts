/** Connections that are used for something else: WebSocket and whatever two sides agree on. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { before, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { authorityOf } from '../../../../src/core/pki/index.ts';
import { waitFor } from '../../../helpers/wait.ts';
import { type Harness, pods, startServer } from '../harness.ts';
import { createPod, proxy, RawClient, startBackend } from './backends.ts';

let h: Harness;
before(async () => {
  h = await startServer();
});

type OnUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

async function podThatUpgrades(name: string, upgrade: OnUpgrade) {
  const backend = await startBackend((request, response) => response.end(`plain ${request.headers.upgrade ?? ''}`));
  backend.server.on('upgrade', upgrade);
  await createPod(h, name, backend.port);
  return backend;
}

const agreed = (protocol: string, ...lines: string[]) =>
  ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', `Upgrade: ${protocol}`, ...lines, '', ''].join('\r\n');

function ask(path: string, protocol: string, ...lines: string[]): RawClient {
  const client = new RawClient(h.port);
  const first = [`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${h.port}`];
  client.send(...first, 'Connection: keep-alive, Upgrade', `Upgrade: ${protocol}`, ...lines, '', '');
  return client;
}

test('a WebSocket, with what both sides sent early, until both have ended their halves', async () => {
  let seen: IncomingMessage | undefined;
  await podThatUpgrades('socket', (request, socket, head) => {
    seen = request;
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(`${agreed('websocket', `Sec-WebSocket-Accept: ${accept}`, 'Set-Cookie: s=1; Path=/')}welcome;`);
    if (head.length) socket.write(head);
    socket.on('data', (chunk) => socket.write(chunk));
    socket.on('end', () => socket.end('bye'));
  });
  const key = 'dGhlIHNhbXBsZSBub25jZQ==';
  const client = ask(
    `${proxy('socket')}/chat?room=1`,
    'websocket',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Version: 13',
  );
  await client.until(() => client.text.includes('welcome;'));
  assert.match(client.text, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
  assert.match(client.text, /\r\nupgrade: websocket\r\n/i);
  assert.match(client.text, /\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/);
  assert.ok(client.text.includes(`set-cookie: s=1; Path=${proxy('socket')}/\r\n`));
  assert.equal(seen?.url, '/chat?room=1');
  assert.equal(seen?.headers.host, `127.0.0.1:${h.port}`);
  assert.equal(seen?.headers['x-forwarded-uri'], `${proxy('socket')}/chat`);

  const bytes = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('');
  client.socket.write(bytes, 'latin1');
  await client.until(() => client.text.endsWith(bytes));
  assert.match((await h.get('/metrics')).text, /apiserver_longrunning_requests 1\n/);
  client.socket.end();
  await client.until(() => client.text.endsWith('bye') && client.ended);
  await waitFor(async () => /apiserver_longrunning_requests 0\n/.test((await h.get('/metrics')).text));
  assert.match((await h.get('/metrics')).text, /verb="CONNECT",resource="pods",subresource="proxy",code="101"\} 1\n/);
});

test('what is sent right behind the request, before anybody has agreed, is not lost', async () => {
  await podThatUpgrades('eager', (_, socket, head) => {
    assert.equal(head.length, 0);
    socket.write(agreed('x'));
    socket.on('data', (chunk) => socket.end(`got ${chunk}`));
  });
  const client = new RawClient(h.port);
  const head = [`GET ${proxy('eager')}/ HTTP/1.1`, `Host: 127.0.0.1:${h.port}`, 'Connection: Upgrade', 'Upgrade: x'];
  client.send(...head, '', 'early');
  await client.until(() => client.ended);
  assert.match(client.text, /\r\n\r\ngot early$/);
});

test('other protocols, old paths, and a POST', async () => {
  await podThatUpgrades('any', (request, socket) =>
    socket.end(`${agreed('SPDY/3.1')}${request.method} ${request.url}`),
  );
  for (const path of ['/api/v1beta1/proxy/pods/any/x', '/api/v1/proxy/namespaces/default/pods/any/x', proxy('any')]) {
    const client = new RawClient(h.port);
    const head = [`Host: 127.0.0.1:${h.port}`, 'Connection: Upgrade', 'Upgrade: SPDY/3.1', 'Content-Length: 0', '', ''];
    client.send(`POST ${path} HTTP/1.1`, ...head);
    await client.until(() => client.ended);
    assert.match(client.text, /^HTTP\/1\.1 101 /);
    assert.ok(client.text.endsWith(path.endsWith('x') ? 'POST /x' : 'POST /'), client.text);
  }
});

test('a backend that refuses is heard; one that is away is a 503; and nobody from elsewhere comes through', async () => {
  await podThatUpgrades('no', (_, socket) => {
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nnot me');
  });
  const refused = ask(`${proxy('no')}/`, 'websocket');
  await refused.until(() => refused.ended);
  assert.match(refused.text, /^HTTP\/1\.1 403 Forbidden\r\n[\s\S]*\r\n\r\nnot me$/);

  const away = await startBackend();
  await createPod(h, 'away', away.port);
  await new Promise((resolve) => away.server.close(resolve));
  const unanswered = ask(`${proxy('away')}/`, 'websocket');
  await unanswered.until(() => unanswered.ended);
  assert.match(unanswered.text, /^HTTP\/1\.1 503 [\s\S]*"reason":"ServiceUnavailable"/);

  const unknown = ask(`${proxy('nosuch')}/`, 'websocket');
  await unknown.until(() => unknown.ended);
  assert.match(unknown.text, /^HTTP\/1\.1 404 [\s\S]*pods \\"nosuch\\" not found/);
  const foreign = ask(`${proxy('no')}/`, 'websocket', 'Origin: http://evil.example');
  await foreign.until(() => foreign.ended);
  assert.match(foreign.text, /^HTTP\/1\.1 403 [\s\S]*evil\.example/);
});

test('whoever is gone takes the other side with it', async () => {
  let backend: Duplex | undefined;
  let backendClosed = false;
  await podThatUpgrades('pair', (_, socket) => {
    backend = socket;
    backendClosed = false;
    socket.on('close', () => {
      backendClosed = true;
    });
    socket.on('error', () => {});
    socket.resume().write(agreed('x'));
  });
  const first = ask(`${proxy('pair')}/`, 'x');
  await first.until(() => first.text.includes('101'));
  first.socket.resetAndDestroy();
  await waitFor(() => backendClosed, { what: 'the backend to be left' });

  const second = ask(`${proxy('pair')}/`, 'x');
  await second.until(() => second.text.includes('101'));
  backend!.destroy();
  await second.until(() => second.ended);
  second.socket.destroy();
});

test('a server that closes ends them', async () => {
  const closing = await startServer();
  const backend = await startBackend();
  backend.server.on('upgrade', (_, socket) => socket.write(agreed('x')));
  await createPod(closing, 'web', backend.port);
  const client = new RawClient(closing.port);
  client.send(`GET ${proxy('web')}/ HTTP/1.1`, 'Host: localhost', 'Connection: Upgrade', 'Upgrade: x', '', '');
  await client.until(() => client.text.includes('101'));
  await closing.server.close();
  await client.until(() => client.ended || client.closed);
});

test('over TLS as well, for those who may do everything', async () => {
  const authority = await authorityOf('a secret of the cluster');
  const secure = await startServer();
  const own = await authority.issue({ name: 'kube-apiserver', hosts: ['127.0.0.1'] });
  const ca = authority.certificate;
  const { port } = await secure.server.listenSecure({ host: '127.0.0.1', port: 0 }, { ca, ...own });
  const backend = await podThatUpgrades('tls', (request, socket) => {
    socket.end(`${agreed('x')}${request.headers['x-forwarded-proto']}`);
  });
  await createPod(secure, 'tls', backend.port);
  const call = async (groups: string[], ...lines: string[]) => {
    const { certificate, key } = await authority.issue({ name: 'system:node:core-01', groups });
    const socket = connectTls({ port, host: '127.0.0.1', ca, cert: certificate, key });
    const client = new RawClient(socket);
    client.send(...lines, 'Host: 127.0.0.1', '', '');
    await client.until(() => client.ended);
    return client.text;
  };
  const upgrade = [`GET ${proxy('tls')}/ HTTP/1.1`, 'Connection: Upgrade', 'Upgrade: x'];
  assert.match(await call(['system:masters'], ...upgrade), /^HTTP\/1\.1 101 [\s\S]*https$/);
  assert.match(await call(['system:nodes'], ...upgrade), /^HTTP\/1\.1 403 /);
  const h2c = ['GET /healthz HTTP/1.1', 'Connection: Upgrade, close', 'Upgrade: h2c'];
  assert.match(await call(['system:masters'], ...h2c), /^HTTP\/1\.1 200 OK[\s\S]*ok$/);
});

test('whoever wishes for HTTP/2 over a plain connection is answered in HTTP/1.1, bodies and later requests included', async () => {
  const client = new RawClient(h.port);
  const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } });
  const wish = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA'];
  const host = `Host: 127.0.0.1:${h.port}`;
  const post = [`POST ${pods.replace('pods', 'configmaps')} HTTP/1.1`, host, ...wish];
  client.send(...post, 'Content-Type: application/json', `Content-Length: ${body.length}`, '', body);
  await client.until(() => client.text.includes('HTTP/1.1 201 Created'));
  for (let n = 2; n < 15; n++) {
    client.send('GET /healthz HTTP/1.1', host, ...wish, '', '');
    await client.until(() => client.text.split('HTTP/1.1 ').length > n);
  }
  assert.doesNotMatch(client.text, /HTTP\/1\.1 (?!20[01])/);

  // Also where it leads to a relay: what has a body does not change over.
  await podThatUpgrades('plain', (_, socket) => socket.end(agreed('h2c')));
  client.send(`POST ${proxy('plain')}/ HTTP/1.1`, host, ...wish, 'Content-Length: 2', '', 'hi');
  await client.until(() => client.text.endsWith('plain '));
  client.socket.destroy();
});
