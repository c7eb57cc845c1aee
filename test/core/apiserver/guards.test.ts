/** What the server does not let anybody do to it: shapes, slowness, numbers, and bytes that are no HTTP. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { before, test } from 'node:test';
import type { ApiServerOptions } from '../../../src/core/apiserver/index.ts';
import { silentLog, textLog } from '../../../src/core/async/log.ts';
import { openEmbeddedStore } from '../../../src/core/store/index.ts';
import { virtualClock } from '../../helpers/clock.ts';
import { waitFor } from '../../helpers/wait.ts';
import { type Harness, HttpWatch, podBody, pods, startServer, withOverrides } from './harness.ts';

let h: Harness;
before(async () => {
  h = await startServer({ timeouts: { headMs: 200, silenceMs: 5000 } });
});

/** Sends bytes as they are; resolves with all that came back when the connection has ended. */
function raw(port: number, ...parts: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
    for (const part of parts) socket.write(part);
  });
}

function statusIn(answer: string): { code: number; message: string } {
  const status = JSON.parse(answer.slice(answer.lastIndexOf('\r\n\r\n')));
  assert.equal(status.kind, 'Status');
  assert.ok(answer.startsWith(`HTTP/1.1 ${status.code} `), answer);
  return status;
}

test('bytes that are no HTTP get a Status', async () => {
  const refused = async (text: string, code: number, words: RegExp) => {
    const status = statusIn(await raw(h.port, text));
    assert.equal(status.code, code, text.slice(0, 40));
    assert.match(status.message, words);
  };
  await refused('\x16\x03\x01\x02\x00\x01\x00\x01', 400, /^the request is not HTTP\/1\.1: /);
  await refused('FOO / HTTP/1.1\r\nHost: localhost\r\n\r\n', 400, /Invalid method/);
  await refused(`GET /${'x'.repeat(200_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431, /too long/);
  await refused('CONNECT example.com:80 HTTP/1.1\r\nHost: localhost\r\n\r\n', 405, /does not allow this method/);
  await refused('GET /api HTTP/1.1\r\nConnection: close\r\n\r\n', 400, /no Host header/);
  const chunked = `POST ${pods} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n`;
  await refused(`${chunked}zz\r\n`, 400, /Invalid character in chunk size/);
});

test('a head that does not arrive in time is a 408', async () => {
  assert.equal(statusIn(await raw(h.port, 'GET /api HTTP/1.1\r\nHost: local')).code, 408);
});

test('pipelined requests are answered in their order', async () => {
  const request = (path: string, last = '') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${last}\r\n`;
  const answer = await raw(h.port, request('/api'), request('/nothing') + request('/healthz', 'Connection: close\r\n'));
  assert.deepEqual(answer.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 404', 'HTTP/1.1 200']);
});

test('bodies that are too deep or have too many members', async () => {
  const post = async (body: string, type = 'application/json') =>
    (await h.call('POST', pods, { body, headers: { 'Content-Type': type } })).code;
  assert.equal(await post('[{"a":'.repeat(50_000)), 400);
  assert.equal(await post(`[${'[],'.repeat(200_000)}[]]`), 413);
  assert.equal(await post('[{},'.repeat(5000), 'application/yaml'), 400);
  assert.equal(await post('- '.repeat(250), 'application/yaml'), 400);
  assert.equal(await post('a: 1\n'.repeat(150_000), 'application/yaml'), 413);
  assert.equal(
    await post(
      JSON.stringify({ ...podBody('"[{'), metadata: { name: 'deep', annotations: { a: '[{\\"'.repeat(500) } } }),
    ),
    201,
  );
});

test('of very many mistakes an answer tells the first thousand', async () => {
  const containers = Array.from({ length: 20_000 }, () => ({}));
  const { code, body } = await h.post(pods, { metadata: { name: 'wrong' }, spec: { containers } });
  assert.deepEqual([code, body.details.causes.length], [422, 1000]);
});

test('escapes hide nothing in a path', async () => {
  const refused = async (path: string, message: string) => {
    const { code, body } = await h.get(path);
    assert.deepEqual([code, body.message], [400, message]);
  };
  await refused(`${pods}/a%2Fb`, `Name parameter invalid: "a/b": may not contain '/'`);
  await refused(`${pods}/%25`, `Name parameter invalid: "%": may not contain '%'`);
  await refused(`${pods}/..`, `Name parameter invalid: "..": may not be '..'`);
  await refused('/api/v1/namespaces/a%2Fb/pods/c', `Namespace parameter invalid: "a/b": may not contain '/'`);
  await refused(`${pods}/%zz`, 'invalid escape in the path: %zz');
  assert.equal((await h.get(`${pods}/%61`)).code, 404);
});

test('keys named like the innards of objects are keys', async () => {
  const text = JSON.stringify(podBody('proto')).replace(
    '"name":"proto"',
    '"name":"proto","__proto__":{"labels":{"a":"b"}}',
  );
  assert.equal((await h.post(pods, text)).code, 201);
  assert.equal((await h.get(`${pods}/proto`)).body.metadata.labels, undefined);
  await h.merge(`${pods}/proto`, '{"__proto__":{"spec":1},"metadata":{"__proto__":{"uid":"x"},"constructor":null}}');
  const { code, body } = await h.get(`${pods}/proto?__proto__=1&constructor=2`);
  assert.deepEqual([code, body.metadata.name], [200, 'proto']);
  const secret = '{"metadata":{"name":"s"},"data":{"__proto__":"YQ==","constructor":"Yg=="}}';
  assert.equal((await h.post('/api/v1/namespaces/default/secrets', secret)).code, 201);
  assert.match((await h.get('/api/v1/namespaces/default/secrets/s')).text, /"__proto__":"YQ=="/);
  assert.equal((await h.get(`${pods}?labelSelector=constructor`)).body.items.length, 0);
  assert.equal(({} as Record<string, unknown>)['labels'], undefined);
});

test('watches are counted apart from other requests', async () => {
  const few = await startServer({ maxLongAnswers: 1 });
  const watch = new HttpWatch(few.port, `${pods}?watch=1`);
  await watch.open();
  const refused = await few.get(`${pods}?watch=1`);
  assert.deepEqual([refused.code, refused.headers['retry-after']], [429, '1']);
  assert.equal((await few.get(pods)).code, 200);
  watch.close();
  await watch.end();
});

/** A server whose store answers nothing once `held` is called; that resolves when the first write has reached it. */
async function stuckServer(options: Partial<ApiServerOptions> = {}) {
  const clock = virtualClock();
  const store = await openEmbeddedStore({ clock, log: silentLog });
  let arrived: (() => void) | undefined;
  const stuck = withOverrides(store, {
    txn(txn) {
      if (!arrived) return store.txn(txn);
      arrived();
      return new Promise(() => {});
    },
  });
  const server = await startServer({ clock, store: stuck, ...options });
  const held = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  return { ...server, clock, held };
}

test('a request that is not answered in time is a 504', async () => {
  const { post, held, clock, get, port } = await stuckServer({ maxRequestsInFlight: 1 });
  const watch = new HttpWatch(port, `${pods}?watch=1`);
  await watch.open();
  const answer = post(pods, podBody('held'));
  await held;
  assert.equal((await get(pods)).code, 429);
  await clock.advance(60_000);
  const { code, body } = await answer;
  assert.deepEqual([code, body.message], [504, 'Timeout: request did not complete within the allotted timeout']);

  assert.equal((await get(pods)).code, 200);
  assert.equal(watch.ended, false);
  watch.close();
});

test('a body that does not arrive in time is a 408', async () => {
  const slow = await startServer();
  const answer = raw(slow.port, `POST ${pods} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{`);
  await waitFor(async () => (await slow.get('/metrics')).text.includes('inflight_requests 1'));
  await slow.clock.advance(60_000);
  const { code, message } = statusIn(await answer);
  assert.deepEqual([code, message], [408, 'the body of the request did not arrive in time']);
});

test('an answer that nobody reads ends with its connection', async () => {
  const impatient = await startServer({ timeouts: { silenceMs: 300 } });
  const annotations = { text: 'x'.repeat(250_000) };
  for (let i = 0; i < 60; i++)
    await impatient.post(pods, { ...podBody(`p${i}`), metadata: { name: `p${i}`, annotations } });
  const socket = connect(impatient.port, '127.0.0.1');
  socket.write(`GET ${pods} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await new Promise((resolve) => socket.once('readable', resolve));
  // Nothing is read, so all that is known of the other side is that a packet to it is answered by a reset.
  socket.on('error', () => {});
  await waitFor(() => !socket.write('x') || socket.destroyed);
});

test('what follows a refused body is not kept', async () => {
  const small = await startServer({ maxBodyBytes: 1000 });
  const request = (bytes: number) => `POST ${pods} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${bytes}\r\n\r\n`;
  const again = `GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
  const answers = await raw(small.port, request(1800), 'x'.repeat(1800), again);
  assert.deepEqual(answers.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 413', 'HTTP/1.1 200']);
  // Ended by the server, however much there may be to come.
  await raw(small.port, request(1e9), 'x'.repeat(5000));
  await raw(small.port, request(1e9).replace(pods, '/nothing'), 'x'.repeat(5000));
});

test('pages of other sites get nothing but links followed', async () => {
  const from = async (headers: Record<string, string>) => (await h.get('/api', headers)).code;
  assert.equal(
    await from({ 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' }),
    403,
  );
  const link = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' };
  assert.equal(await from({ ...link, 'Sec-Fetch-Dest': 'document' }), 200);
  assert.equal(await from({ ...link, 'Sec-Fetch-Dest': 'iframe' }), 403);
  assert.equal(await from({ 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'cors' }), 200);
});

test('an internal error is logged with its stack and answered with a sentence', async () => {
  const lines: string[] = [];
  const broken = await startServer({ log: textLog((line) => lines.push(line)) });
  broken.server.addPath('/broken', () => {
    throw new TypeError('on purpose');
  });
  const { code, body, text } = await broken.get('/broken');
  assert.deepEqual([code, body.message], [500, 'Internal error occurred: on purpose']);
  assert.doesNotMatch(text, / at |\.ts/);
  assert.match(lines.join(''), /a request failed: TypeError: on purpose\n +at /);
});
