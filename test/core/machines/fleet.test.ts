/** The fleet API about machines, byte for byte as fleetd v1.0.0 answered. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Node } from '../../../src/core/api/kinds/index.ts';
import { timestamp } from '../../../src/core/api/time.ts';
import { silentLog } from '../../../src/core/async/log.ts';
import { seededRandom } from '../../../src/core/async/random.ts';
import { createInformers } from '../../../src/core/client/informers.ts';
import { Fleet } from '../../../src/core/machines/fleet/index.ts';
import { serveFleetSocket } from '../../../src/core/machines/fleet/socket.ts';
import { startApi, type TestCluster } from '../../helpers/cli.ts';
import { virtualClock } from '../../helpers/clock.ts';
import { waitFor } from '../../helpers/wait.ts';

const clock = virtualClock();
let api: TestCluster;
let server: string;
before(async () => {
  api = await startApi({ clock });
  const { host, port } = await api.server.listen({ host: '127.0.0.1', port: 0 });
  server = `http://${host}:${port}`;
});
after(() => api.close());

interface Machine {
  name: string;
  id: string;
  address?: string;
  metadata?: string;
}

async function joinMachine(api: TestCluster, { name, id, address, metadata }: Machine): Promise<void> {
  const annotations = metadata ? { 'kubecfg.io/metadata': metadata } : {};
  await api.client.create(Node, { metadata: { name, annotations } });
  const status = {
    ...(address && { addresses: [{ type: 'InternalIP', address }] }),
    ...(id && { nodeInfo: { machineID: id } }),
  };
  await api.client.patch(Node, '', name, { status }, { subresource: 'status' });
  await beat(api, name);
}

async function beat(api: TestCluster, name: string, status = 'True'): Promise<void> {
  const conditions = [{ type: 'Ready', status, lastHeartbeatTime: timestamp(clock.now()) }];
  await api.client.patch(Node, '', name, { status: { conditions } }, { subresource: 'status' });
}

async function call(path: string, method = 'GET', body?: string) {
  const response = await fetch(server + path, { method, ...(body !== undefined && { body }) });
  return { code: response.status, body: await response.text(), headers: response.headers };
}

const first = '170407433f5a4d0e9b8c7d6e5f4a3b2c';
const second = 'cb35b356a1b24c3d9e8f7a6b5c4d3e2f';

test('machines in the order of their ids, empty members left out, as Go writes JSON', async () => {
  const none = await call('/fleet/v1/machines?alt=json');
  assert.deepEqual([none.code, none.body, none.headers.get('content-type')], [200, '{}', 'application/json']);
  assert.match(none.headers.get('server') ?? '', /^fleetd\//);
  await joinMachine(api, {
    name: 'core-03',
    id: second,
    address: '172.17.8.103',
    metadata: 'region=us-west, az = <1>&2',
  });
  await joinMachine(api, { name: 'core-02', id: first, address: '172.17.8.102' });
  // Recorded by hand, and no machine yet.
  await joinMachine(api, { name: '10.1.2.3', id: '' });
  const expected = `{"machines":[{"id":"${first}","primaryIP":"172.17.8.102"},{"id":"${second}","metadata":{"az":"\\u003c1\\u003e\\u00262","region":"us-west"},"primaryIP":"172.17.8.103"}]}`;
  const { body } = await waitFor(() => call('/fleet/v1/machines?alt=json'), {
    until: (seen) => seen.body === expected,
  });
  assert.equal((await call('/fleet/v1-alpha/machines')).body, body);
});

test('paths and methods', async () => {
  const cases: [method: string, path: string, code: number, message: string][] = [
    ['POST', '/fleet/v1/machines', 405, 'only GET and PATCH supported against this resource'],
    ['GET', '/fleet/v1', 405, ''],
    ['GET', '/fleet/v1/machines/', 404, ''],
    ['GET', `/fleet/v1/machines/${first}`, 404, ''],
    ['GET', '/fleet/v2/machines', 404, ''],
    ['GET', '/fleet/v1/machines?nextPageToken=%25', 400, 'illegal base64 data at input byte 0'],
    ['GET', '/fleet/v1/machines?nextPageToken=ZAAC', 400, 'unexpected EOF'],
    ['GET', '/fleet/v1/machines?nextPageToken=AgACAA==', 400, 'token limit must be 100'],
    ['GET', '/fleet/v1/machines?nextPageToken=ZAAAAA==', 400, 'token page must be greater than zero'],
    ['GET', '/fleet/v1/machines?nextPageToken=ZAACAGQA', 400, 'too many values for page token'],
  ];
  for (const [method, path, code, message] of cases) {
    const answer = await call(path, method);
    assert.equal(answer.body, `{"error":{"code":${code},"message":"${message}"}}`, `${method} ${path}`);
    assert.equal(answer.code, code);
  }
  assert.equal((await call('/fleet/v1/discovery', 'PUT')).code, 400);
  const described = JSON.parse((await call('/fleet/v1/discovery')).body) as { baseUrl: string };
  assert.equal(described.baseUrl, '$ENDPOINT/fleet/v1/');
  const { paths } = JSON.parse((await call('/')).body) as { paths: string[] };
  assert.ok(paths.includes('/fleet/'));
});

test('metadata set through the API wins over the machine, and removing hides it', async () => {
  const patch = (...operations: object[]) => call('/fleet/v1/machines', 'PATCH', JSON.stringify(operations));
  const add = (key: string, value: unknown, op = 'add') => ({ op, path: `/${second}/metadata/${key}`, value });
  const refused: [operation: object, message: string][] = [
    [add('a', { value: 'b' }, 'test'), 'invalid op: expect add, remove, or replace'],
    [{ op: 'remove', path: `/${second}/a` }, 'machine metadata path invalid'],
    [add('a', 'plain'), 'invalid value: add and replace require a value'],
    [{ op: 'remove', path: `/${'0'.repeat(32)}/metadata/a` }, `machine ${'0'.repeat(32)} is not known`],
  ];
  for (const [operation, message] of refused) {
    const { code, body } = await patch(add('region', { value: 'wrong' }), operation);
    assert.deepEqual([code, (JSON.parse(body) as { error: { message: string } }).error.message], [400, message]);
  }
  assert.equal((await call('/fleet/v1/machines', 'PATCH', 'no')).code, 400);

  const done = await patch(add('region', { value: 'eu' }), { op: 'remove', path: `/${second}/metadata/az` });
  assert.deepEqual([done.code, done.body], [204, '']);
  const told = () => call('/fleet/v1/machines');
  await waitFor(told, { until: ({ body }) => body.includes(`"metadata":{"region":"eu"},"primaryIP":"172.17.8.103"`) });
});

test('a machine without heartbeats is gone after its time to live, and is the same when it comes back', async () => {
  const ids = async () => {
    const { stdout } = await api.run('list-machines --full --no-legend --fields=machine');
    return stdout.trimEnd().split('\n');
  };
  await beat(api, 'core-02');
  await beat(api, 'core-03');
  await clock.advance(20_000);
  assert.deepEqual(await ids(), [first, second]);
  await beat(api, 'core-02');
  await waitFor(ids);
  await clock.advance(10_000);
  assert.deepEqual(await ids(), [first]);
  await beat(api, 'core-03');
  assert.deepEqual(await waitFor(ids, { until: ({ length }) => length === 2 }), [first, second]);
  // The node controller may know it sooner.
  await beat(api, 'core-02', 'Unknown');
  assert.deepEqual(await waitFor(ids, { until: ({ length }) => length === 1 }), [second]);
});

test('a page holds a hundred; a full one has a successor, which may be empty', async () => {
  const many = await startApi({ clock });
  try {
    const id = (n: number) => n.toString(16).padStart(32, '0');
    const join = (n: number) => joinMachine(many, { name: `m-${n}`, id: id(n) });
    await Promise.all(Array.from({ length: 200 }, (_, n) => join(n)));
    const page = async (token: string) =>
      (await many.client.transport.raw(`/fleet/v1/machines?nextPageToken=${token}`)) as {
        machines?: { id: string }[];
        nextPageToken?: string;
      };
    await waitFor(() => page('ZAACAA=='), { until: ({ machines = [] }) => machines.length === 100 });
    const one = await page('');
    assert.deepEqual([one.machines?.length, one.machines?.[99]?.id, one.nextPageToken], [100, id(99), 'ZAACAA==']);
    assert.equal((await page('ZAACAA==')).nextPageToken, 'ZAADAA==');
    assert.deepEqual(await page('ZAADAA=='), {});
    const { stdout } = await many.run('list-machines --no-legend');
    assert.equal(stdout.trimEnd().split('\n').length, 200);
  } finally {
    await many.close();
  }
});

test('the Unix socket is for its user only, and takes what fleetctl sends there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubecfg-fleet-'));
  const informers = createInformers(api.client, { clock, random: seededRandom(1), log: silentLog });
  const fleet = new Fleet({ nodes: informers.for(Node), client: api.client, clock });
  const socketPath = join(folder, 'fleet.sock');
  const running = await serveFleetSocket(socketPath, fleet);
  try {
    assert.equal(statSync(socketPath).mode & 0o777, 0o600);
    const ask = (path: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const headers = { Host: 'domain-sock', 'User-Agent': 'google-api-go-client/0.5' };
        const req = request({ socketPath, path, headers, agent: false }, (res) => {
          let text = '';
          res.setEncoding('utf8').on('data', (part: string) => {
            text += part;
          });
          res.on('end', () => resolve(`${res.statusCode} ${text}`));
        });
        req.on('error', reject);
        req.end();
      });
    const expected = `200 {"machines":[{"id":"${second}","metadata":{"region":"eu"},"primaryIP":"172.17.8.103"}]}`;
    assert.equal(await ask('/fleet/v1/machines?alt=json'), expected);
    assert.equal(await ask('/'), '405 {"error":{"code":405,"message":""}}');
  } finally {
    await running.stop();
    await fleet.stop();
    await informers.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('before the cluster has been seen there is a 503', async () => {
  const nodes = { hasSynced: false, synced: () => new Promise<void>(() => {}), subscribe: () => () => {} };
  const fleet = new Fleet({ nodes: nodes as never, client: api.client, clock });
  const asked = {
    method: 'GET',
    path: '/fleet/v1/machines',
    query: new URLSearchParams(),
    body: async () => Buffer.alloc(0),
  };
  const pending = fleet.handle(asked);
  await clock.advance(1000);
  const { code, body } = await pending;
  const message = 'fleet server unable to communicate with etcd';
  assert.deepEqual([code, body.toString()], [503, `{"error":{"code":503,"message":"${message}"}}`]);
});
