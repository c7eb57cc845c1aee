/** What only HTTP can get wrong; what all transports share is in test/contract/transport.ts. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, test } from 'node:test';
import { Pod } from '../../../src/core/api/kinds/index.ts';
import type { ApiRequest } from '../../../src/core/api/request.ts';
import { notFound } from '../../../src/core/api/status.ts';
import { createHttpTransport } from '../../../src/core/client/http.ts';
import type { Transport } from '../../../src/core/client/transport.ts';
import { waitFor } from '../../helpers/wait.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
let cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
  cleanups = [];
});

async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  server.listen(0, host);
  await once(server, 'listening');
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A transport to a server that answers with `handler`. */
async function serve(handler: Handler, options: { base?: string; timeoutMs?: number } = {}): Promise<Transport> {
  const port = await listen(createServer(handler));
  return transportTo(`http://127.0.0.1:${port}${options.base ?? ''}`, options.timeoutMs);
}

function transportTo(server: string, timeoutMs = 5_000): Transport {
  const transport = createHttpTransport({ server, userAgent: 'test', timeoutMs });
  cleanups.push(() => transport.close());
  return transport;
}

const json = (response: ServerResponse, body: unknown, code = 200) => {
  response.writeHead(code, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
};
async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

const getPod: ApiRequest = { verb: 'get', kind: Pod, namespace: 'default', name: 'web' };
const listPods: ApiRequest = { verb: 'list', kind: Pod };
const watchPods: ApiRequest = { verb: 'watch', kind: Pod };
const never = new AbortController().signal;

async function collect<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of iterable) all.push(one);
  return all;
}

test('a request becomes method, path, query, headers and body', async () => {
  const seen: string[] = [];
  const transport = await serve(async (request, response) => {
    const { method, url, headers } = request;
    seen.push([method, url, headers.accept, headers['content-type'], await bodyOf(request)].filter(Boolean).join(' '));
    json(response, { items: [] });
  });
  const pod = { ...getPod, body: { metadata: { name: 'web' } } };

  await transport.send(getPod);
  await transport.send({ ...listPods, options: { labelSelector: 'app=web,tier in (a, b)', limit: 500 } });
  await transport.send({ ...listPods, namespace: 'shop', options: { as: 'Table', includeObject: 'Object' } });
  await transport.send({ ...pod, verb: 'create', name: undefined, options: { dryRun: true } });
  await transport.send({ ...pod, verb: 'update', subresource: 'status' });
  await transport.send({ ...pod, verb: 'patch', body: { spec: {} }, patchType: 'strategic' });
  await transport.send({ ...getPod, verb: 'delete' });
  await transport.send({ ...getPod, verb: 'delete', options: { gracePeriodSeconds: 0, preconditions: { uid: 'u' } } });
  await collect(transport.watch({ ...watchPods, options: { resourceVersion: '7', timeoutSeconds: 60 } }, never));

  assert.deepEqual(seen, [
    'GET /api/v1/namespaces/default/pods/web application/json',
    'GET /api/v1/pods?labelSelector=app%3Dweb%2Ctier+in+%28a%2C+b%29&limit=500 application/json',
    'GET /api/v1/namespaces/shop/pods?includeObject=Object application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    'POST /api/v1/namespaces/default/pods?dryRun=All application/json application/json {"metadata":{"name":"web"}}',
    'PUT /api/v1/namespaces/default/pods/web/status application/json application/json {"metadata":{"name":"web"}}',
    'PATCH /api/v1/namespaces/default/pods/web application/json application/strategic-merge-patch+json {"spec":{}}',
    'DELETE /api/v1/namespaces/default/pods/web application/json',
    'DELETE /api/v1/namespaces/default/pods/web application/json application/json {"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0,"preconditions":{"uid":"u"}}',
    'GET /api/v1/pods?watch=true&resourceVersion=7&timeoutSeconds=60 application/json',
  ]);
});

test('a path in the server URL goes before all others', async () => {
  const transport = await serve((request, response) => json(response, { url: request.url }), { base: '/prefix/' });

  assert.deepEqual(await transport.send(getPod), { url: '/prefix/api/v1/namespaces/default/pods/web' });
  assert.deepEqual(await transport.raw('/version'), { url: '/prefix/version' });
});

test('servers on IPv6 addresses are reached', async () => {
  const port = await listen(
    createServer((_, response) => json(response, { ok: true })),
    '::1',
  );

  assert.deepEqual(await transportTo(`http://[::1]:${port}`).raw('/'), { ok: true });
});

test('a server that speaks something else than http is refused at once', () => {
  assert.throws(
    () => createHttpTransport({ server: 'ftp://127.0.0.1' }),
    /only http:\/\/ and https:\/\/ are supported/,
  );
});

test('calls use one connection after the other', async () => {
  const ports = new Set<number | undefined>();
  const transport = await serve((request, response) => {
    ports.add(request.socket.remotePort);
    json(response, {});
  });

  for (let i = 0; i < 5; i++) await transport.send(getPod);

  assert.equal(ports.size, 1);
});

test('items of a list get the kind that a server leaves out', async () => {
  const transport = await serve((_, response) => json(response, { items: [{ metadata: { name: 'a' } }] }));

  const { items } = (await transport.send(listPods)) as { items: unknown[] };

  assert.deepEqual(items, [{ kind: 'Pod', apiVersion: 'v1', metadata: { name: 'a' } }]);
});

test('a Status becomes its ApiError', async () => {
  const { status } = notFound({ plural: 'pods', group: '' }, 'web');
  const transport = await serve((_, response) => json(response, status, 404));

  await assert.rejects(transport.send(getPod), { name: 'ApiError', reason: 'NotFound', status });
  await assert.rejects(collect(transport.watch(watchPods, never)), { name: 'ApiError', status });
  await assert.rejects(collect(transport.stream(getPod, never)), { name: 'ApiError', status });
  await assert.rejects(transport.raw('/nothing'), { name: 'ApiError', status });
});

test('errors of something that is no API server are still understood', async () => {
  const answers: [number, string][] = [
    [404, '<h1>Not here</h1>'],
    [503, 'warming up'],
    [418, '{"teapot": true}'],
    [200, '<html>hello</html>'],
  ];
  const transport = await serve((_, response) => {
    const [code, text] = answers.shift()!;
    response.writeHead(code).end(text);
  });

  await assert.rejects(transport.send(getPod), {
    reason: 'NotFound',
    message: /could not find the requested resource/,
  });
  await assert.rejects(transport.send(getPod), { reason: 'ServiceUnavailable', code: 503, message: /"warming up"/ });
  await assert.rejects(transport.send(getPod), { reason: 'InternalError', code: 418 });
  await assert.rejects(transport.send(getPod), /the answer is not JSON, so this is no API server: <html>hello/);
});

test('raw gives JSON parsed and text as it is', async () => {
  const transport = await serve((request, response) => {
    if (request.url === '/version') json(response, { major: '1' });
    else response.writeHead(200, { 'Content-Type': 'text/plain' }).end('ok');
  });

  assert.deepEqual(await transport.raw('/version'), { major: '1' });
  assert.equal(await transport.raw('/healthz'), 'ok');
});

test('a refused connection is told in the words of kubectl', async () => {
  const closed = createTcpServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  closed.close();
  const server = `http://127.0.0.1:${port}`;
  const refused = {
    name: 'ServerUnreachableError',
    message: `The connection to the server 127.0.0.1:${port} was refused - did you specify the right host or port?`,
    code: 'ECONNREFUSED',
    server,
  };

  await assert.rejects(transportTo(server).send(getPod), refused);
  await assert.rejects(collect(transportTo(server).watch(watchPods, never)), refused);
});

test('a server that stays silent is given up', async () => {
  const transport = await serve(() => {}, { timeoutMs: 30 });

  await assert.rejects(transport.send(getPod), {
    name: 'ServerUnreachableError',
    code: 'ETIMEDOUT',
    message: /does not answer \(silent for 0.03 s\)/,
  });
});

test('a server that hangs up in the middle of an answer is told from one that answers', async () => {
  const transport = await serve((_, response) => {
    response.writeHead(200, { 'Content-Length': '100' });
    response.write('{"kind":', () => response.destroy());
  });
  const broken = {
    name: 'ServerUnreachableError',
    code: 'ECONNRESET',
    message: /The connection to the server .* broke/,
  };

  await assert.rejects(transport.send(getPod), broken);
  await assert.rejects(collect(transport.watch(watchPods, never)), broken);
});

test('what speaks no HTTP at all is unreachable too', async () => {
  const other = createTcpServer((socket) => socket.end('220 smtp ready\r\n')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  cleanups.push(() => other.close());
  const { port } = other.address() as AddressInfo;

  await assert.rejects(transportTo(`http://127.0.0.1:${port}`).send(getPod), {
    name: 'ServerUnreachableError',
    message: /Unable to connect to the server: 127.0.0.1:\d+: Parse Error/,
  });
});

test('a read on a connection that the server had just closed is sent again, a write is not', async () => {
  let requests = 0;
  const sockets = new Set<Socket>();
  const transport = await serve((request, response) => {
    requests++;
    // The second use of a connection finds it dead.
    if (sockets.has(request.socket)) return void request.socket.destroy();
    sockets.add(request.socket);
    json(response, { requests });
  });

  await transport.send(getPod);
  assert.deepEqual(await transport.send(getPod), { requests: 3 });
  await assert.rejects(transport.send({ ...getPod, verb: 'update', body: {} }), { code: 'ECONNRESET' });
  assert.equal(requests, 4);
});

test('watch lines may be cut anywhere, even inside a character', async () => {
  const events = ['käse', '☃ snow', 'plain'].map((name) => ({ type: 'ADDED', object: { metadata: { name } } }));
  const bytes = Buffer.from(events.map((e) => `${JSON.stringify(e)}\n`).join(''));
  const transport = await serve(async (_, response) => {
    for (const byte of bytes) {
      response.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  });

  assert.deepEqual(await collect(transport.watch(watchPods, never)), events);
});

test('an ERROR event throws its ApiError after the events before it', async () => {
  const { status } = notFound({ plural: 'pods', group: '' }, 'web');
  const transport = await serve((_, response) => {
    response.write(`${JSON.stringify({ type: 'ADDED', object: {} })}\n`);
    response.end(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
  });
  const seen: unknown[] = [];

  await assert.rejects(
    async () => {
      for await (const event of transport.watch(watchPods, never)) seen.push(event.type);
    },
    { name: 'ApiError', status },
  );
  assert.deepEqual(seen, ['ADDED']);
});

/** Sends the same event until the client is gone or does not keep up. */
function endless(state: { sent: number; closed: boolean }): Handler {
  const line = `${JSON.stringify({ type: 'MODIFIED', object: { metadata: { name: 'x'.repeat(1000) } } })}\n`;
  return (_, response) => {
    response.on('close', () => {
      state.closed = true;
    });
    const more = () => {
      while (!state.closed && response.write(line)) state.sent++;
    };
    response.on('drain', more);
    more();
  };
}

test('a watch ends without an error when it is aborted, and its connection with it', async () => {
  const state = { sent: 0, closed: false };
  const transport = await serve(endless(state));
  const abort = new AbortController();
  let seen = 0;

  for await (const _ of transport.watch(watchPods, abort.signal)) if (++seen === 10) abort.abort();

  assert.equal(seen, 10);
  await waitFor(() => state.closed, { what: 'the server to see the end of the watch' });
});

test('leaving the loop ends the watch', async () => {
  const state = { sent: 0, closed: false };
  const transport = await serve(endless(state));

  for await (const _ of transport.watch(watchPods, never)) break;

  await waitFor(() => state.closed, { what: 'the server to see the end of the watch' });
});

test('a watch that is aborted already asks nobody', async () => {
  let asked = false;
  const transport = await serve(() => {
    asked = true;
  });

  assert.deepEqual(await collect(transport.watch(watchPods, AbortSignal.abort())), []);
  assert.equal(asked, false);
});

test('a reader that is slow holds the server back', async () => {
  const state = { sent: 0, closed: false };
  const transport = await serve(endless(state));
  const events = transport.watch(watchPods, never)[Symbol.asyncIterator]();
  await events.next();

  const full = await waitFor(() => state.sent, { what: 'the connection to fill up' });
  let last = full;
  await waitFor(() => {
    const same = state.sent === last;
    last = state.sent;
    return same;
  });
  assert.ok(state.sent < 50_000, `${state.sent} KB were taken in`);

  await events.return?.();
});

test('a stream gives bytes as they come and ends cleanly when aborted', async () => {
  const transport = await serve((_, response) => void response.write('one\ntwo\n'));
  const abort = new AbortController();
  let text = '';

  for await (const chunk of transport.stream({ ...getPod, subresource: 'log' }, abort.signal)) {
    text += Buffer.from(chunk).toString();
    abort.abort();
  }

  assert.equal(text, 'one\ntwo\n');
});

test('a call can be aborted', async () => {
  const transport = await serve(() => {});
  const abort = new AbortController();
  const answer = transport.send(getPod, abort.signal);

  abort.abort();

  await assert.rejects(answer, { name: 'AbortError' });
});

test('close ends what is in flight', async () => {
  let asked = () => {};
  const received = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const transport = await serve(() => asked());
  const answer = assert.rejects(transport.send(getPod), { name: 'ServerUnreachableError' });
  await received;

  await transport.close();

  await answer;
});
