/** Requests through the API server to pods, services and nodes. */
import assert from 'node:assert/strict';
import { type IncomingMessage, type ServerResponse, request as startRequest } from 'node:http';
import { before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { waitFor } from '../../../helpers/wait.ts';
import { type Harness, pods, startServer } from '../harness.ts';
import { type Backend, createPod, proxy, RawClient, startBackend, textOf } from './backends.ts';

let h: Harness;
let echo: Backend;

/** Tells what came. */
async function answerEcho(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url, headers } = request;
  const body = await textOf(request);
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ method, url, headers, body }));
}

before(async () => {
  h = await startServer();
  echo = await startBackend((request, response) => void answerEcho(request, response));
  await createPod(h, 'web', echo.port);
  await h.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } });
  await createPod(h, 'web', echo.port, 'other');
});

const meta = (name: string) => ({ apiVersion: 'v1', metadata: { name } });

test('every method, path, query and body arrives', async () => {
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
    const body = method === 'GET' ? {} : { body: { some: 'thing' } };
    const answer = await h.call(method, `${proxy('web')}/a%2Fb//c/?x=1&x=%20&pretty=true`, body);
    assert.equal(answer.code, 200);
    assert.equal(answer.body.method, method);
    assert.equal(answer.body.url, '/a%2Fb//c/?x=1&x=%20&pretty=true');
    assert.equal(answer.body.body, method === 'GET' ? '' : '{"some":"thing"}');
  }
  assert.equal((await h.call('HEAD', `${proxy('web')}/`)).code, 200);
  assert.equal((await h.call('POST', proxy('web'))).body.url, '/');
});

test('headers of the connection stay behind, and the backend learns who asks and how', async () => {
  const asked = {
    Connection: 'X-Hop, close',
    'X-Hop': '1',
    'Keep-Alive': '5',
    TE: 'gzip',
    Cookie: 'a=1',
    'X-Own': 'yes',
  };
  const { body } = await h.call('GET', `${proxy('web')}/a/b?q`, { headers: asked });
  const { 'x-hop': hop, 'keep-alive': keep, te, ...passed } = body.headers;

  assert.deepEqual([hop, keep, te], [undefined, undefined, undefined]);
  assert.equal(passed['x-own'], 'yes');
  assert.equal(passed.cookie, 'a=1');
  assert.equal(passed.host, `127.0.0.1:${h.port}`);
  assert.equal(passed['x-forwarded-uri'], `${proxy('web')}/a/b`);
  assert.equal(passed['x-forwarded-host'], `127.0.0.1:${h.port}`);
  assert.equal(passed['x-forwarded-proto'], 'http');
  assert.match(passed['x-forwarded-for'], /127\.0\.0\.1$/);
});

test('all forms of the path, in every version', async () => {
  const paths: [string, string][] = [
    [`/api/v1/proxy/namespaces/default/pods/web/x`, '/x'],
    [`/api/v1beta3/proxy/namespaces/other/pods/web/x/`, '/x/'],
    [`/api/v1beta3/namespaces/other/pods/web/proxy/x?y`, '/x?y='],
    [`/api/v1beta1/proxy/pods/web/x?namespace=other&y=1`, '/x?y=1'],
    [`/api/v1beta2/proxy/namespaces/other/pods/web/x?y=1`, '/x?y=1'],
    [`/api/v1beta1/proxy/pods/web/`, '/'],
    [`${pods}/web:${echo.port}/proxy/x`, '/x'],
    [`${pods}/web:http/proxy/x`, '/x'],
    [`${pods}/http:web:${echo.port}/proxy/x`, '/x'],
  ];
  for (const [path, url] of paths) {
    const { code, body } = await h.get(path);
    assert.deepEqual([code, body.url], [200, url], path);
  }
});

test('services by name, number or name of the port; only endpoints that are ready', async () => {
  const services = '/api/v1/namespaces/default/services';
  const ports = [
    { name: 'web', port: 80 },
    { name: 'admin', port: 81 },
  ];
  await h.post(services, { ...meta('shop'), kind: 'Service', spec: { ports } });
  const service = `${services}/shop`;
  const noEndpoints = await h.get(`${service}:web/proxy/`);
  assert.deepEqual(
    [noEndpoints.code, noEndpoints.body.message],
    [503, 'no endpoints available for service "shop:web"'],
  );

  const ready = { addresses: [{ ip: '127.0.0.1' }], ports: [{ name: 'web', port: echo.port }] };
  const other = { notReadyAddresses: [{ ip: '127.0.0.1' }], ports: [{ name: 'admin', port: echo.port }] };
  const endpoints = { ...meta('shop'), kind: 'Endpoints', subsets: [ready, other] };
  const made = await h.post('/api/v1/namespaces/default/endpoints', endpoints);
  assert.equal(made.code, 201, made.text);
  for (const path of [`${service}:web/proxy/x`, `${service}:80/proxy/x`, `${services}/http:shop:web/proxy/x`]) {
    assert.deepEqual((await h.get(path)).body?.url, '/x', path);
  }
  assert.equal((await h.get('/api/v1beta3/proxy/namespaces/default/services/shop:web/x')).body.url, '/x');
  const refused = async (path: string, code: number, message: string) => {
    const { code: found, body } = await h.get(path);
    assert.deepEqual([found, body.message], [code, message]);
  };
  await refused(`${service}:admin/proxy/`, 503, 'no endpoints available for service "shop:admin"');
  await refused(`${service}:99/proxy/`, 503, 'no service port 99 found for service "shop"');
  await refused(`${services}/nosuch/proxy/`, 404, 'services "nosuch" not found');
  await refused(`${services}/ftp:shop:web/proxy/`, 400, 'invalid service request "ftp:shop:web"');

  await h.post(services, { ...meta('one'), kind: 'Service', spec: { ports: [{ name: 'only', port: 80 }] } });
  const only = { addresses: [{ ip: '127.0.0.1' }], ports: [{ name: 'only', port: echo.port }] };
  await h.post('/api/v1/namespaces/default/endpoints', { ...meta('one'), kind: 'Endpoints', subsets: [only] });
  assert.equal((await h.get(`${services}/one/proxy/x`)).body.url, '/x');
});

test('nodes: the kubelet, where it says that it listens', async () => {
  await h.post('/api/v1/nodes', { ...meta('core-01'), kind: 'Node' });
  const addresses = [
    { type: 'InternalIP', address: '127.0.0.2' },
    { type: 'InternalDNS', address: 'localhost' },
  ];
  const status = { addresses, daemonEndpoints: { kubeletEndpoint: { Port: echo.port } } };
  await h.merge('/api/v1/nodes/core-01/status', { status });
  for (const path of ['/api/v1/nodes/core-01/proxy/pods/', '/api/v1beta1/proxy/minions/core-01/pods/']) {
    assert.equal((await h.get(path)).body.url, '/pods/', path);
  }
  const redirects: [string, string][] = [
    ['/api/v1beta1/redirect/nodes/core-01', `http://localhost:${echo.port}`],
    ['/api/v1/redirect/nodes/core-01:4194', 'http://127.0.0.2:4194'],
    ['/api/v1beta3/redirect/namespaces/default/pods/web', `http://127.0.0.1:${echo.port}`],
    ['/api/v1beta1/redirect/pods/web:81?namespace=other', 'http://127.0.0.1:81'],
  ];
  for (const [path, location] of redirects) {
    const { code, headers } = await h.get(path);
    assert.deepEqual([code, headers['location']], [307, location], path);
  }
  assert.equal((await h.call('POST', '/api/v1/redirect/nodes/core-01')).code, 405);
  assert.equal((await h.get('/api/v1/redirect/nodes/core-01/x')).code, 404);
});

test('what leads nowhere', async () => {
  const refused = async (path: string, code: number, message: string | RegExp) => {
    const { code: found, body } = await h.get(path);
    assert.equal(found, code, path);
    assert.match(body.message, typeof message === 'string' ? new RegExp(`^${message}$`) : message);
  };
  await refused(`${pods}/nosuch/proxy/`, 404, 'pods "nosuch" not found');
  await refused(`${pods}/a:b:c:d/proxy/`, 400, 'invalid pod request "a:b:c:d"');
  await refused(`${pods}/web:ftp/proxy/`, 400, 'invalid port "ftp"');
  await refused('/api/v1/proxy/namespaces/default/replicationcontrollers/x/', 405, /^proxy is not supported/);
  await refused('/api/v1/proxy/pods', 404, 'the server could not find the requested resource');
  await refused('/api/v1/namespaces/default/secrets/x/proxy', 404, 'the server could not find the requested resource');
  await refused('/api/v1/proxy/namespaces/default/services/nosuch/', 404, 'endpoints "nosuch" not found');
  await h.post(pods, { ...meta('new'), kind: 'Pod', spec: { containers: [{ name: 'main', image: 'test' }] } });
  await refused(`${pods}/new/proxy/`, 503, 'pod "new" has no address yet');
  // Objects may have the names of relays.
  await createPod(h, 'proxy', echo.port);
  assert.equal((await h.get(`${pods}/proxy`)).body.metadata.name, 'proxy');
  assert.equal((await h.get(`${pods}/proxy/proxy/x`)).body.url, '/x');
});

test('without a slash at the end links would lead past the page', async () => {
  const moved = async (path: string) => (await h.get(path)).headers['location'];
  assert.equal(await moved(`${proxy('web')}?x=1`), `${proxy('web')}/?x=1`);
  assert.equal(
    await moved('/api/v1beta1/proxy/pods/web?namespace=other'),
    '/api/v1beta1/proxy/pods/web/?namespace=other',
  );
});

test('a backend that is away, or breaks off before it answers', async () => {
  const away = await startBackend();
  await new Promise((resolve) => away.server.close(resolve));
  await createPod(h, 'away', away.port);
  const { code, body } = await h.get(`${proxy('away')}/x?y`);
  const url = `http://127.0.0.1:${away.port}/x?y`;
  assert.equal(code, 503);
  assert.equal(body.reason, 'ServiceUnavailable');
  assert.equal(body.message, `Error: 'connect ECONNREFUSED 127.0.0.1:${away.port}'\nTrying to reach: '${url}'`);
  const old = await h.call('GET', '/api/v1beta3/proxy/namespaces/default/pods/away/');
  assert.deepEqual([old.code, JSON.parse(old.text).apiVersion], [503, 'v1beta3']);

  const rude = await startBackend((request) => request.socket.destroy());
  await createPod(h, 'rude', rude.port);
  assert.equal((await h.get(`${proxy('rude')}/`)).code, 503);
  const odd = await startBackend((request) => request.socket.end('HTTP/1.1 042 Odd\r\n\r\n'));
  await createPod(h, 'odd', odd.port);
  assert.equal((await h.get(`${proxy('odd')}/`)).code, 503);
});

test('both directions stream: each piece is there before the next one is sent', async () => {
  const mirror = await startBackend((request, response) => request.pipe(response.writeHead(200)));
  await createPod(h, 'mirror', mirror.port);
  const call = startRequest({ port: h.port, host: '127.0.0.1', path: `${proxy('mirror')}/`, method: 'POST' });
  call.write('one');
  const answer = await new Promise<IncomingMessage>((resolve) => call.once('response', resolve));
  answer.setEncoding('utf8');
  const next = () => new Promise<string>((resolve) => answer.once('data', resolve));
  assert.equal(await next(), 'one');
  const two = next();
  call.write('two');
  assert.equal(await two, 'two');
  assert.match((await h.get('/metrics')).text, /apiserver_longrunning_requests 1\n/);
  call.end();
  await new Promise((resolve) => answer.once('end', resolve).resume());
});

test('a slow reader holds the backend back, and memory is not filled', async () => {
  let written = 0;
  const flood = await startBackend((_, response) => {
    const chunk = Buffer.alloc(64 * 1024);
    const write = () => {
      do written += chunk.length;
      while (response.write(chunk));
    };
    response.on('drain', write);
    write();
  });
  await createPod(h, 'flood', flood.port);
  const call = startRequest({ port: h.port, host: '127.0.0.1', path: `${proxy('flood')}/` }).end();
  const answer = await new Promise<IncomingMessage>((resolve) => call.once('response', resolve));
  let before = -1;
  // Buffers of the kernel fill, and then nothing moves any more.
  await waitFor(() => {
    const same = written === before;
    before = written;
    return same && written > 0;
  });
  assert.ok(written < 64 * 1024 * 1024, `${written} bytes`);
  answer.destroy();
});

test('a client that leaves ends the request to the backend; a backend that leaves cuts the answer off', async () => {
  let left = false;
  const endless = await startBackend((request, response) => {
    response.write('begun');
    request.socket.once('close', () => {
      left = true;
    });
  });
  await createPod(h, 'endless', endless.port);
  const ask = () => startRequest({ port: h.port, host: '127.0.0.1', path: `${proxy('endless')}/` }).end();
  const first = ask();
  first.once('response', (answer) => answer.once('data', () => answer.destroy()));
  await waitFor(() => left, { what: 'the backend to be left' });

  const answer = await new Promise<IncomingMessage>((resolve) => ask().once('response', resolve));
  const failed = new Promise<Error>((resolve) => answer.once('error', resolve));
  answer.once('data', () => endless.server.closeAllConnections());
  assert.match((await failed).message, /aborted/);
});

test('the rest of an upload that nobody wants any more is not in the way of the next request', async () => {
  const early = await startBackend((_, response) => response.end('enough'));
  await createPod(h, 'early', early.port);
  const client = new RawClient(h.port);
  const head = `Host: 127.0.0.1:${h.port}`;
  client.send(`POST ${proxy('early')}/ HTTP/1.1`, head, 'Content-Length: 10', '', 'first');
  await client.until(() => client.text.includes('enough'));
  client.send(`restXGET ${proxy('web')}/next HTTP/1.1`, head, '', '');
  await client.until(() => client.text.includes('"url":"/next"'));
  client.socket.destroy();
});

test('redirects, cookies and pages lead back through the relay', async () => {
  const page = '<a href="/next">next</a> <img src="logo.png">';
  const app = await startBackend((request, response) => {
    response.setHeader('Connection', 'close, X-Hop');
    response.setHeader('X-Hop', 'mine');
    response.setHeader('Set-Cookie', ['sid=1; Path=/', 'own=2; Path=/app; Domain=web']);
    response.setHeader('Access-Control-Allow-Origin', '*');
    if (request.url === '/login') response.writeHead(302, { Location: `http://127.0.0.1:${app.port}/home?x` }).end();
    else if (request.url === '/gzip') {
      response
        .writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Encoding': 'gzip' })
        .end(gzipSync(page));
    } else if (request.url === '/text') response.writeHead(200, { 'Content-Type': 'text/plain' }).end(page);
    else response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Length': page.length }).end(page);
  });
  await createPod(h, 'app', app.port);
  const through = proxy('app');
  const { headers, code } = await h.get(`${through}/login`);
  assert.deepEqual([code, headers['location']], [302, `${through}/home?x`]);
  assert.deepEqual(headers['set-cookie'], [`sid=1; Path=${through}/`, `own=2; Path=${through}/app`]);
  assert.equal(headers['access-control-allow-origin'], undefined);
  assert.equal(headers['x-hop'], undefined);

  const rewritten = `<a href="${through}/next">next</a> <img src="logo.png">`;
  assert.equal((await h.get(`${through}/`)).text, rewritten);
  assert.equal((await h.get(`${through}/gzip`)).text, rewritten);
  assert.equal((await h.get(`${through}/text`)).text, page);
  assert.equal((await h.call('HEAD', `${through}/`)).code, 200);
  // A namespace in the query would be lost on the way back.
  const old = await h.get('/api/v1beta1/proxy/pods/app/?namespace=default');
  assert.equal(old.text, page.replace('/next', '/api/v1/proxy/namespaces/default/pods/app/next'));
  const older = await h.get('/api/v1beta1/proxy/pods/app/');
  assert.equal(older.text, page.replace('/next', '/api/v1beta1/proxy/pods/app/next'));
});

test('pages of other sites reach no backend', async () => {
  const { code } = await h.call('POST', `${proxy('web')}/`, { headers: { Origin: 'http://evil.example' } });
  assert.equal(code, 403);
});

test('relays are known to discovery and to the metrics', async () => {
  const { body } = await h.get('/api/v1');
  const found = body.resources.filter(({ name }: { name: string }) => name.endsWith('/proxy'));
  assert.deepEqual(
    found.map(({ name, kind }: { name: string; kind: string }) => [name, kind]),
    [
      ['nodes/proxy', 'NodeProxyOptions'],
      ['pods/proxy', 'PodProxyOptions'],
      ['services/proxy', 'ServiceProxyOptions'],
    ],
  );
  const metrics = (await h.get('/metrics')).text;
  assert.match(metrics, /apiserver_request_total\{verb="CONNECT",resource="pods",subresource="proxy",code="200"\}/);
});

test('many at once, and none of them is left over', async () => {
  const slow = await startBackend((_, response) => void setImmediate(() => response.end('ok')));
  await createPod(h, 'slow', slow.port);
  const answers = await Promise.all(Array.from({ length: 40 }, () => h.get(`${proxy('slow')}/`)));
  assert.ok(answers.every(({ text }) => text === 'ok'));
  assert.match((await h.get('/metrics')).text, /apiserver_longrunning_requests 0\n/);
});

test('a server that closes ends its relays', async () => {
  const closing = await startServer();
  const endless = await startBackend((_, response) => void response.write('begun'));
  await createPod(closing, 'endless', endless.port);
  const call = startRequest({ port: closing.port, host: '127.0.0.1', path: `${proxy('endless')}/` }).end();
  const answer = await new Promise<IncomingMessage>((resolve) => call.once('response', resolve));
  const failed = new Promise((resolve) => answer.once('error', resolve));
  await closing.server.close();
  await failed;
});
