/** What HTTP adds: paths, methods, media types, limits, and who may come in at all. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { before, test } from 'node:test';
import { parse } from 'yaml';
import { kinds } from '../../../src/core/api/kinds/index.ts';
import { silentLog } from '../../../src/core/async/log.ts';
import { openEmbeddedStore } from '../../../src/core/store/index.ts';
import { virtualClock } from '../../helpers/clock.ts';
import { type Harness, podBody, pods, send, startServer, withOverrides } from './harness.ts';

let h: Harness;
before(async () => {
  h = await startServer({ maxBodyBytes: 10_000, version: 'v1.2.3' });
});

const tableAccept =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';

test('paths that lead nowhere are a Status', async () => {
  for (const path of [
    '/nothing',
    '/api/v1beta9/pods',
    '/apis/apps/v1/deployments',
    '/api/v1/unicorns',
    '/api/v1/pods/name-without-namespace',
    '/api/v1/namespaces/default/nodes',
    `${pods}/a/unknown`,
    `${pods}/a/status/deeper`,
    '/api/v1/namespaces//pods',
  ]) {
    const { code, body } = await h.get(path);
    assert.equal(code, 404, path);
    assert.equal(body.kind, 'Status', path);
    assert.equal(body.message, 'the server could not find the requested resource', path);
  }
});

test('methods that a path does not have are a 405', async () => {
  for (const [method, path] of [
    ['POST', `${pods}/a`],
    ['PUT', pods],
    ['PATCH', pods],
    ['DELETE', `${pods}/a/status`],
    ['POST', '/version'],
    ['GET', '/api/v1/namespaces/default/bindings'],
    ['DELETE', '/api/v1/namespaces'],
    ['OPTIONS', pods],
  ] as const) {
    const { code, body } = await h.call(method, path, method === 'GET' ? {} : { body: {} });
    assert.equal(code, 405, `${method} ${path}`);
    assert.equal(body.reason, 'MethodNotAllowed');
  }
});

test('bodies: broken JSON, wrong types, foreign kinds, unknown media types', async () => {
  const refused = async (body: unknown, headers: Record<string, string>, code: number, words: RegExp) => {
    const answer = await h.call('POST', pods, { body, headers });
    assert.equal(answer.code, code);
    assert.match(answer.body.message, words);
  };
  await refused('{"a":', {}, 400, /^the body of the request is not JSON: /);
  await refused('[]', {}, 400, /cannot be handled as a Pod/);
  await refused('a: [', { 'Content-Type': 'application/yaml' }, 400, /^the body of the request is not YAML: /);
  await refused({ ...podBody('x'), kind: 'Node' }, {}, 400, /^Node in version "v1" cannot be handled as a Pod/);
  await refused({ ...podBody('x'), apiVersion: 'v2' }, {}, 400, /^the API version in the data \(v2\) does not match/);
  await refused(
    'x',
    { 'Content-Type': 'text/plain' },
    415,
    /accepted media types include: application\/json, application\/yaml, application\/vnd\.kubernetes\.protobuf$/,
  );
});

test('a body that is too long is a 413', async () => {
  const { code, body } = await h.post(pods, 'x'.repeat(10_001));

  assert.equal(code, 413);
  assert.equal(body.reason, 'RequestEntityTooLarge');
});

test('a chunked body that is too long is a 413', async () => {
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect(h.port, '127.0.0.1');
    socket.write(`POST ${pods} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n`);
    socket.write(`2800\r\n${'x'.repeat(0x2800)}\r\n0\r\n\r\n`);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
  });

  assert.match(text, /^HTTP\/1\.1 413 /);
});

test('YAML in and out', async () => {
  const body = 'metadata:\n  name: yaml\nspec:\n  containers:\n  - {name: main, image: test}\n';
  const headers = { 'Content-Type': 'application/yaml', Accept: 'application/yaml' };
  const { code, text, headers: answered } = await h.call('POST', pods, { body, headers });

  assert.equal(code, 201);
  assert.equal(answered['content-type'], 'application/yaml');
  assert.equal(parse(text).spec.containers[0].image, 'test');
  const list = await h.get(pods, { Accept: 'application/yaml' });
  assert.equal(parse(list.text).kind, 'PodList');
});

test('media types nobody speaks are a 406', async () => {
  const { code, body } = await h.get(pods, { Accept: 'image/png' });

  assert.equal(code, 406);
  assert.equal(
    body.message,
    'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  );
});

test('a Table of every kind that can be listed', async () => {
  for (const kind of kinds.filter(({ verbs }) => verbs?.includes('list') ?? true)) {
    const { body } = await h.get(`/${kind.group ? 'apis' : 'api'}/${kind.apiVersion}/${kind.plural}`, {
      Accept: tableAccept,
    });
    assert.equal(body.kind, 'Table', kind.plural);
    assert.equal(body.apiVersion, 'meta.k8s.io/v1');
    assert.equal(body.columnDefinitions.length, kind.columns.length);
    for (const row of body.rows) assert.equal(row.cells.length, kind.columns.length);
  }
});

test('a Table of one object, with as much of it as was asked for', async () => {
  await h.post(pods, podBody('tabled'));
  const row = async (query: string) => {
    const { body } = await h.get(`${pods}/tabled${query}`, { Accept: tableAccept });
    assert.equal(body.rows[0].cells[0], 'tabled');
    return body.rows[0].object;
  };

  assert.equal((await row('')).kind, 'PartialObjectMetadata');
  assert.equal((await row('?includeObject=Object')).kind, 'Pod');
  assert.equal(await row('?includeObject=None'), null);
  assert.equal((await h.get(`${pods}/tabled?includeObject=All`, { Accept: tableAccept })).code, 400);
});

test('errors are never Tables', async () => {
  const { body } = await h.get(`${pods}/nosuch`, { Accept: tableAccept });

  assert.equal(body.kind, 'Status');
});

test('metadata alone, of one object and of a list', async () => {
  await h.post(pods, podBody('partial'));
  const as = (what: string) => ({ Accept: `application/json;as=${what};g=meta.k8s.io;v=v1` });

  const one = await h.get(`${pods}/partial`, as('PartialObjectMetadata'));
  assert.deepEqual(Object.keys(one.body), ['kind', 'apiVersion', 'metadata']);
  const list = await h.get(pods, as('PartialObjectMetadataList'));
  assert.equal(list.body.kind, 'PartialObjectMetadataList');
  assert.equal(list.body.items[0].kind, 'PartialObjectMetadata');
  assert.equal((await h.get(pods, as('PartialObjectMetadata'))).code, 406);
});

test('JSON is indented for people', async () => {
  const lines = async (path: string, agent = 'kubectl/v1.32') =>
    (await h.get(path, { 'User-Agent': agent })).text.split('\n').length;

  assert.equal(await lines('/api/v1/nodes'), 1);
  assert.ok((await lines('/api/v1/nodes', 'curl/7.88.1')) > 5);
  assert.ok((await lines('/api/v1/nodes?pretty=true')) > 5);
  assert.equal(await lines('/api/v1/nodes?pretty=false', 'curl/7.88.1'), 1);
  assert.ok((await lines('/api/v1/nodes/nosuch', 'curl/7.88.1')) > 5);
});

test('only requests to a loopback address come in, and none from the pages of others', async () => {
  const host = async (name: string) => (await send(h.port, 'GET', '/api', { headers: { Host: name } })).code;
  for (const good of [
    'localhost',
    `localhost:${h.port}`,
    '127.0.0.1',
    `127.0.0.1:${h.port}`,
    '127.1.2.3',
    '[::1]:80',
    'LOCALHOST',
  ]) {
    assert.equal(await host(good), 200, good);
  }
  for (const bad of ['example.com', 'localhost.example.com', '10.0.0.1', '127.0.0.1.example.com', '[::2]']) {
    assert.equal(await host(bad), 403, bad);
  }

  const from = (origin: string) => send(h.port, 'POST', pods, { body: podBody('csrf'), headers: { Origin: origin } });
  const refused = await from('https://example.com');
  assert.equal(refused.code, 403);
  assert.equal(refused.body.reason, 'Forbidden');
  assert.equal(refused.headers['access-control-allow-origin'], undefined);
  assert.equal((await from('null')).code, 403);
  assert.equal((await from(`http://localhost:${h.port}`)).code, 201);
});

test('too many requests at the same time are told to come again', async () => {
  const busy = await startServer({ maxRequestsInFlight: 1 });
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => busy.post(pods, podBody(`p${i}`))));
  const refused = answers.filter(({ code }) => code === 429);

  assert.ok(refused.length > 0);
  assert.equal(refused[0]?.headers['retry-after'], '1');
  assert.equal(refused.length + answers.filter(({ code }) => code === 201).length, 20);
});

test('discovery: the index, versions and resources', async () => {
  const { body: root } = await h.get('/');
  assert.deepEqual(root.paths, [
    '/api',
    '/api/v1',
    '/api/v1beta1',
    '/api/v1beta2',
    '/api/v1beta3',
    '/apis',
    '/apis/authentication.k8s.io',
    '/apis/authentication.k8s.io/v1',
    '/apis/authorization.k8s.io',
    '/apis/authorization.k8s.io/v1',
    '/apis/coordination.k8s.io',
    '/apis/coordination.k8s.io/v1',
    '/apis/policy',
    '/apis/policy/v1',
    '/healthz',
    '/healthz/etcd',
    '/healthz/ping',
    '/kubecfg/history',
    '/kubecfg/snapshot',
    '/livez',
    '/livez/ping',
    '/logs/',
    '/metrics',
    '/openapi/v2',
    '/openapi/v3',
    '/readyz',
    '/readyz/etcd',
    '/readyz/ping',
    '/static/',
    '/swagger-ui/',
    '/swaggerapi/',
    '/validate',
    '/version',
  ]);
  assert.deepEqual((await h.get('/api/')).body.versions, ['v1', 'v1beta1', 'v1beta2', 'v1beta3']);
  const groups = ['authentication.k8s.io', 'authorization.k8s.io', 'coordination.k8s.io', 'policy'].map((name) => {
    const version = { groupVersion: `${name}/v1`, version: 'v1' };
    return { name, versions: [version], preferredVersion: version };
  });
  assert.deepEqual((await h.get('/apis')).body, { kind: 'APIGroupList', apiVersion: 'v1', groups });
  assert.deepEqual((await h.get('/apis/policy/v1')).body.resources, []);
  const { body: list } = await h.get('/api/v1');
  assert.equal(list.kind, 'APIResourceList');
  assert.equal(list.groupVersion, 'v1');
  const resource = (name: string) => list.resources.find((r: { name: string }) => r.name === name);
  assert.deepEqual(resource('pods'), {
    name: 'pods',
    singularName: 'pod',
    namespaced: true,
    kind: 'Pod',
    verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    shortNames: ['po'],
    categories: ['all'],
  });
  assert.deepEqual(resource('pods/binding').verbs, ['create']);
  assert.equal(resource('pods/binding').kind, 'Binding');
  assert.deepEqual(resource('bindings').verbs, ['create']);
});

test('version and health', async () => {
  const { body } = await h.get('/version');
  assert.deepEqual([body.major, body.minor, body.gitVersion], ['1', '2', 'v1.2.3']);
  for (const path of ['/healthz', '/healthz/ping', '/livez', '/readyz']) {
    const { code, text, headers } = await h.get(path);
    assert.deepEqual([code, text, headers['content-type']], [200, 'ok', 'text/plain; charset=utf-8']);
  }
});

test('more paths can be added', async () => {
  h.server.addPath('/ui/', (path) => ({ body: `<p>${path}`, contentType: 'text/html' }));
  h.server.addPath('/broken', () => {
    throw new Error('on purpose');
  });

  const { text, headers } = await h.get('/ui/app.js');
  assert.deepEqual([text, headers['content-type']], ['<p>/ui/app.js', 'text/html']);
  const broken = await h.get('/broken');
  assert.equal(broken.code, 500);
  assert.equal(broken.body.message, 'Internal error occurred: on purpose');
  assert.doesNotMatch(broken.text, / at /);
});

test('a closing server answers what it has accepted', async () => {
  const clock = virtualClock();
  const store = await openEmbeddedStore({ clock, log: silentLog });
  let arrived = () => {};
  const slow = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let isHeld = false;
  const closing = await startServer({
    store: withOverrides(store, {
      async txn(txn) {
        if (isHeld) {
          arrived();
          await held;
        }
        return store.txn(txn);
      },
    }),
  });
  isHeld = true;
  const answer = closing.post(pods, podBody('accepted'));
  await slow;
  const closed = closing.server.close();
  release();

  assert.equal((await answer).code, 201);
  await closed;
  await assert.rejects(closing.get('/healthz'), { code: 'ECONNREFUSED' });
});

test('HEAD is GET without the body', async () => {
  const { code, text, headers } = await h.call('HEAD', '/api/v1/nodes');

  assert.equal(code, 200);
  assert.equal(text, '');
  assert.ok(Number(headers['content-length']) > 0);
});
