/** The discovery service over HTTP: what discovery.etcd.io answered to the same requests, and what it should have refused. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { silentLog } from '../../../src/core/async/log.ts';
import {
  type Discovery,
  type DiscoveryOptions,
  formationUnder,
  requestToken,
  startDiscovery,
  withdraw,
} from '../../../src/core/machines/index.ts';
import { virtualClock } from '../../helpers/clock.ts';
import { waitFor } from '../../helpers/wait.ts';

const clock = virtualClock();
const hourMs = 3_600_000;
const running: Discovery[] = [];
afterEach(async () => {
  for (const service of running.splice(0)) await service.stop();
});

async function serve(options: Partial<DiscoveryOptions> = {}): Promise<Discovery> {
  const usual = { host: '127.0.0.1', port: 0, ttlMs: 24 * hourMs, clock, log: silentLog };
  const service = await startDiscovery({ ...usual, ...options });
  running.push(service);
  return service;
}

interface Reply {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** The path goes out as it is: fetch would tidy it. */
function ask(service: Discovery, method: string, path: string, form?: string | Record<string, string>): Promise<Reply> {
  const body = typeof form === 'string' ? form : form && new URLSearchParams(form).toString();
  const headers = body === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded; param=value' };
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(service.url);
    const req = request({ hostname, port, method, path, headers, agent: false }, (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      res.on('end', () => resolve({ status: res.statusCode!, headers: res.headers as Reply['headers'], body: text }));
      res.on('error', reject);
    });
    req.on('error', reject);
    req.end(body);
  });
}

const get = (service: Discovery, path: string) => ask(service, 'GET', path);

/** `/TOKEN`. */
async function newToken(service: Discovery, size = 3): Promise<string> {
  return new URL((await get(service, `/new?size=${size}`)).body).pathname;
}

const register = (service: Discovery, path: string, value: string) =>
  ask(service, 'PUT', `${path}?prevExist=false`, { value });

test('a token: URL without a line end, and bodies and headers of the keys API', async () => {
  const service = await serve();
  const made = await get(service, '/new?size=3');
  assert.equal(made.status, 200);
  assert.equal(made.headers['content-type'], 'text/plain; charset=utf-8');
  assert.match(made.body, /^http:\/\/127\.0\.0\.1:\d+\/[a-f0-9]{32}$/);
  assert.ok(made.body.startsWith(`${service.url}/`));
  const token = new URL(made.body).pathname;
  const key = `/_etcd/registry${token}`;

  const fresh = await get(service, token);
  assert.equal(fresh.status, 200);
  const index = Number(fresh.headers['x-etcd-index']);
  assert.equal(fresh.headers['content-type'], 'application/json');
  assert.equal(fresh.headers['access-control-allow-origin'], '*');
  const own = `"modifiedIndex":${index},"createdIndex":${index}`;
  assert.equal(fresh.body, `{"action":"get","node":{"key":"${key}","dir":true,${own}}}\n`);
  const size = await get(service, `${token}/_config/size?quorum=false&recursive=false&sorted=false`);
  assert.equal(size.body, `{"action":"get","node":{"key":"${key}/_config/size","value":"3",${own}}}\n`);

  const put = await register(service, `${token}/778c0a0e1b203dd2`, 'core-01=http://127.0.0.1:13380');
  const next = index + 1;
  const node = `{"key":"${key}/778c0a0e1b203dd2","value":"core-01=http://127.0.0.1:13380","modifiedIndex":${next},"createdIndex":${next}}`;
  assert.deepEqual([put.status, put.body], [201, `{"action":"create","node":${node}}\n`]);
  assert.equal(put.headers['x-etcd-index'], String(next));
  const one = await get(service, `${token}/`);
  assert.equal(one.body, `{"action":"get","node":{"key":"${key}","dir":true,"nodes":[${node}],${own}}}\n`);

  const again = await register(service, `${token}/778c0a0e1b203dd2`, 'core-01=http://127.0.0.1:13380');
  const exists = `{"errorCode":105,"message":"Key already exists","cause":"${key}/778c0a0e1b203dd2","index":${next}}\n`;
  assert.deepEqual([again.status, again.body], [412, exists]);
});

test('what cannot be a size is refused, also what the original takes and members die of', async () => {
  const service = await serve();
  const refusals: Record<string, RegExp> = {
    abc: /^strconv\.Atoi: parsing "abc": invalid syntax\n$/,
    '3.5': /^strconv\.Atoi: parsing "3\.5": invalid syntax\n$/,
    '9223372036854775808': /^strconv\.Atoi: parsing "9223372036854775808": value out of range\n$/,
    '0': /^size must be from 1 to 100, not 0\n$/,
    '-1': /not -1\n$/,
    '101': /not 101\n$/,
  };
  for (const [size, message] of Object.entries(refusals)) {
    const { status, body } = await get(service, `/new?size=${size}`);
    assert.equal(status, 400, size);
    assert.match(body, message);
  }
  const sizeOf = async (reply: Reply) => {
    const { body } = await get(service, `${new URL(reply.body).pathname}/_config/size`);
    return (JSON.parse(body) as { node: { value: string } }).node.value;
  };
  assert.equal(await sizeOf(await get(service, '/new')), '3');
  assert.equal(await sizeOf(await get(service, '/new?size=')), '3');
  assert.equal(await sizeOf(await ask(service, 'POST', '/new', { size: '7' })), '7');
  assert.equal(await sizeOf(await ask(service, 'PUT', '/new?size=5')), '5');
});

test('paths and methods', async () => {
  const service = await serve();
  const token = await newToken(service);
  const unknown = `/${'f'.repeat(32)}`;
  const cases: [method: string, path: string, status: number, body: RegExp][] = [
    ['GET', '/health', 200, /^OK$/],
    ['GET', '/robots.txt', 200, /^User-agent: \*\nDisallow: \/$/],
    ['GET', '/metrics', 200, /^endpoint_new_requests_total\{code="200",method="get"\} 1$/m],
    ['GET', '/', 200, /\/new\?size=3/],
    ['GET', '/nothing', 404, /^404 page not found\n$/],
    ['GET', `${token}0`, 404, /^404/],
    ['GET', token.toUpperCase().replace(/[0-9]/g, 'A'), 404, /^404/],
    ['GET', `${token}/a/b`, 404, /^404/],
    ['GET', `${token}/_config/size/x`, 404, /^404/],
    ['POST', token, 405, /^$/],
    ['DELETE', token, 405, /^$/],
    ['HEAD', token, 405, /^$/],
    ['PUT', `${token}/_config/size`, 405, /^$/],
    ['PUT', token, 403, /"errorCode":102,"message":"Not a file"/],
    ['PUT', `${token}/_config`, 403, /"errorCode":102/],
    ['DELETE', `${token}/_config`, 403, /"errorCode":102/],
    ['GET', unknown, 404, new RegExp(`"errorCode":100,"message":"Key not found","cause":"/_etcd/registry${unknown}",`)],
    ['GET', `${unknown}/_config/size`, 404, new RegExp(`"cause":"/_etcd/registry${unknown}",`)],
    ['PUT', `${unknown}/aa?value=x`, 404, new RegExp(`"cause":"/_etcd/registry${unknown}",`)],
    ['DELETE', `${unknown}/aa`, 404, new RegExp(`"cause":"/_etcd/registry${unknown}",`)],
    ['GET', `${token}/aa`, 404, new RegExp(`"cause":"/_etcd/registry${token}/aa",`)],
    ['DELETE', `${token}/aa`, 404, new RegExp(`"cause":"/_etcd/registry${token}/aa",`)],
    [
      'GET',
      `${token}?recursive=maybe`,
      400,
      /"errorCode":209,.*"cause":"invalid value for \\"recursive\\"","index":0}/,
    ],
    ['GET', `${token}?wait=true&waitIndex=abc`, 400, /"errorCode":203,.*"cause":"invalid value for \\"waitIndex\\""/],
    ['PUT', `${token}/aa?ttl=soon`, 400, /"errorCode":202,/],
    ['PUT', `${token}/aa?prevValue=x`, 400, /"errorCode":209,/],
  ];
  for (const [method, path, status, body] of cases) {
    const reply = await ask(service, method, path);
    assert.equal(reply.status, status, `${method} ${path}: ${reply.body}`);
    assert.match(reply.body, body, `${method} ${path}`);
  }
  assert.equal((await get(service, '/nothing')).headers['x-content-type-options'], 'nosniff');
  const config = JSON.parse((await get(service, `${token}/_config`)).body) as { node: { nodes: { value: string }[] } };
  assert.deepEqual(
    config.node.nodes.map(({ value }) => value),
    ['3'],
  );
});

test('set, update and delete tell what was there before', async () => {
  const service = await serve();
  const path = `${await newToken(service)}/aa`;
  const key = `/_etcd/registry${path}`;
  await register(service, path, 'a=http://1');
  const put = async (form: Record<string, string>, query = '') => {
    const { status, body } = await ask(service, 'PUT', `${path}${query}`, form);
    return { status, ...(JSON.parse(body) as { action: string; node: object; prevNode: object }) };
  };
  assert.deepEqual(await put({ value: 'a=http://2' }), {
    status: 200,
    action: 'set',
    node: { key, value: 'a=http://2', modifiedIndex: 4, createdIndex: 4 },
    prevNode: { key, value: 'a=http://1', modifiedIndex: 3, createdIndex: 3 },
  });
  const updated = await put({ value: 'a=http://3' }, '?prevExist=true');
  assert.equal(updated.action, 'update');
  assert.deepEqual(updated.node, { key, value: 'a=http://3', modifiedIndex: 5, createdIndex: 4 });
  const gone = JSON.parse((await ask(service, 'DELETE', path)).body) as object;
  assert.deepEqual(gone, {
    action: 'delete',
    node: { key, modifiedIndex: 6, createdIndex: 4 },
    prevNode: { key, value: 'a=http://3', modifiedIndex: 5, createdIndex: 4 },
  });
  const missing = await ask(service, 'PUT', `${path}?prevExist=true`, { value: 'x' });
  assert.deepEqual([missing.status, /"errorCode":100/.test(missing.body)], [404, true]);
});

test('a member waits as etcd 3.4 does: for itself at once, then for one after the other', async () => {
  const service = await serve();
  const token = await newToken(service);
  const wait = async (path: string) => {
    const { body, headers } = await get(service, path);
    const { action, node } = JSON.parse(body) as { action: string; node: { value?: string; modifiedIndex: number } };
    return { action, value: node.value, at: node.modifiedIndex, index: Number(headers['x-etcd-index']) };
  };
  const first = await register(service, `${token}/aa`, 'core-01=http://1');
  const at = Number(first.headers['x-etcd-index']);
  const self = await wait(`${token}/aa?recursive=false&wait=true&waitIndex=${at}`);
  assert.deepEqual(self, { action: 'create', value: 'core-01=http://1', at, index: at });

  const second = wait(`${token}?recursive=true&wait=true&waitIndex=${at + 1}`);
  await register(service, `${token}/bb`, 'core-02=http://2');
  const { index: _, ...seen } = await second;
  assert.deepEqual(seen, { action: 'create', value: 'core-02=http://2', at: at + 1 });
  await register(service, `${token}/cc`, 'core-03=http://3');
  const third = await wait(`${token}?recursive=true&wait=true&waitIndex=${at + 2}`);
  assert.deepEqual(third, { action: 'create', value: 'core-03=http://3', at: at + 2, index: at + 2 });
  // The past shows what is hidden, the present does not.
  assert.equal((await wait(`${token}?recursive=true&wait=true&waitIndex=1`)).value, '3');
  let told: { value: string | undefined } | undefined;
  const visible = wait(`${token}?recursive=true&wait=true`).then((answer) => {
    told = answer;
  });
  await waitFor(async () => {
    await ask(service, 'PUT', `${token}/_state`, { value: 'started' });
    await ask(service, 'PUT', `${token}/cc`, { value: 'core-03=http://4' });
    return told;
  });
  await visible;
  assert.equal(told?.value, 'core-03=http://4');
});

test('etcd 0.4: double slashes, names with a time to live, and one first leader', async () => {
  const service = await serve({ ttlMs: 0 });
  const path = `/${await newToken(service)}`;
  const put = await ask(service, 'PUT', `${path}/core-01`, 'ttl=604800&value=http%3A%2F%2F127.0.0.1%3A21701');
  const { action, node } = JSON.parse(put.body) as { action: string; node: { ttl: number; expiration: string } };
  assert.deepEqual([put.status, action, node.ttl], [201, 'set', 604_800]);
  assert.equal(node.expiration, new Date(clock.now() + 604_800_000).toISOString());
  assert.equal((await ask(service, 'PUT', `${path}/_state?prevExist=false`, { value: 'started' })).status, 201);
  assert.equal((await ask(service, 'PUT', `${path}/_state?prevExist=false`, { value: 'started' })).status, 412);
  const list = await get(service, `${path}?consistent=true&recursive=true&sorted=false`);
  const { nodes } = (JSON.parse(list.body) as { node: { nodes: { value: string }[] } }).node;
  assert.deepEqual(
    nodes.map(({ value }) => value),
    ['http://127.0.0.1:21701'],
  );
  await clock.advance(604_800_000);
  assert.equal((await get(service, `${path}/core-01`)).status, 404);
  assert.equal((await get(service, path)).status, 200);
});

test('a token expires after the last registration under it, with all its keys', async () => {
  const service = await serve({ ttlMs: hourMs });
  const [used, unused] = [await newToken(service), await newToken(service)];
  await clock.advance(hourMs - 1000);
  await register(service, `${used}/aa`, 'a=http://1');
  await clock.advance(2000);
  assert.equal((await get(service, unused)).status, 404);
  assert.equal((await get(service, `${unused}/_config/size`)).status, 404);
  assert.equal((await get(service, used)).status, 200);
  await clock.advance(hourMs);
  assert.equal((await get(service, `${used}/aa`)).status, 404);
});

test('a restart keeps tokens, members and the index; tokens that expired meanwhile are gone', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'kubecfg-discovery-'));
  try {
    const first = await serve({ dataDir, ttlMs: hourMs });
    const [kept, old] = [await newToken(first), await newToken(first)];
    await clock.advance(hourMs / 2);
    const { headers } = await register(first, `${kept}/aa`, 'a=http://1');
    const before = await get(first, kept);
    await running.pop()!.stop();

    await clock.advance(hourMs / 2);
    const second = await serve({ dataDir, ttlMs: hourMs });
    await clock.advance(0);
    assert.equal((await get(second, kept)).body, before.body);
    await waitFor(() => get(second, old), { until: ({ status }) => status === 404 });
    const next = await register(second, `${kept}/bb`, 'b=http://2');
    assert.ok(Number(next.headers['x-etcd-index']) > Number(headers['x-etcd-index']));
  } finally {
    for (const service of running.splice(0)) await service.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test('everything is bounded', async () => {
  const rates = { newTokens: { perSecond: 1, burst: 2 }, requests: { perSecond: 1, burst: 12 } };
  const service = await serve({ limits: rates, keysMax: 5 });
  const token = await newToken(service);
  const long = await register(service, `${token}/aa`, 'x'.repeat(2049));
  assert.deepEqual([long.status, /longer than 2048 bytes/.test(long.body)], [400, true]);
  const huge = await ask(service, 'PUT', `${token}/aa`, { value: 'x'.repeat(10_000) });
  assert.equal(huge.status, 413);
  await newToken(service);
  const soon = await get(service, '/new');
  assert.deepEqual([soon.status, soon.headers['retry-after']], [429, '1']);
  await clock.advance(1000);
  assert.equal((await register(service, `${token}/aa`, 'x')).status, 201);
  assert.equal((await register(service, `${token}/bb`, 'x')).status, 400);
  const full = await get(service, '/new');
  assert.deepEqual([full.status, full.body], [503, 'too many tokens; old ones expire\n']);
  const statuses: number[] = [];
  for (let i = 0; i < 8; i++) statuses.push((await get(service, token)).status);
  // Members come again after a 503, and only then.
  assert.deepEqual([statuses[0], statuses.at(-1)], [200, 503]);
});

test('tokens are named by the public URL, or at the address they were asked at', async () => {
  const named = await serve({ publicUrl: 'https://discovery.example.com' });
  assert.match(await named.newToken(3), /^https:\/\/discovery\.example\.com\/[a-f0-9]{32}$/);
  const service = await serve();
  const url = service.url.replace('127.0.0.1', 'localhost');
  const token = await requestToken(url, 3);
  assert.ok(token.startsWith(`${url}/`), token);
  await assert.rejects(requestToken(service.url, 101), /gives no token: size must be from 1 to 100, not 101$/);
});

test('what a formation tells: members in the order they came, none beyond the size; a registration can be taken back', async () => {
  const service = await serve();
  const token = await newToken(service, 2);
  const url = `${service.url}${token}`;
  await register(service, `${token}/bbb`, 'core-02=https://10.0.0.2:2380');
  await register(service, `${token}/aaa`, 'core-01=https://10.0.0.1:2380,core-01=https://10.1.0.1:2380');
  await register(service, `${token}/ccc`, 'core-03=https://10.0.0.3:2380');
  const { size, members } = await formationUnder(`${url}/`);
  assert.deepEqual(
    [size, members],
    [
      2,
      [
        { id: 'bbb', name: 'core-02', peerUrl: 'https://10.0.0.2:2380' },
        { id: 'aaa', name: 'core-01', peerUrl: 'https://10.0.0.1:2380' },
      ],
    ],
  );
  await withdraw(url, 'bbb');
  assert.deepEqual(
    (await formationUnder(url)).members.map(({ name }) => name),
    ['core-01', 'core-03'],
  );
});
