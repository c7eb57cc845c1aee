/** Real hosts, as far as one computer has them: `kubecfg join` and `leave` run by hand on hosts of their own. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import type { Pod } from '../../src/core/api/kinds/index.ts';
import type { KubeList, Stored } from '../../src/core/api/object.ts';
import { realClock } from '../../src/core/async/clock.ts';
import { silentLog } from '../../src/core/async/log.ts';
import { type Discovery, requestToken, startDiscovery } from '../../src/core/machines/index.ts';
import { allCommandLines, type Host, Hosts, Running } from '../helpers/hosts.ts';
import { testImage } from '../helpers/images.ts';
import { waitFor } from '../helpers/wait.ts';

const hosts = new Hosts();
let service: Discovery;
let discovery: string;
let master: Host;
let worker: Host;
/** One that joins nothing for good. */
let spare: Host;
let masterRun: Running;
let workerRun: Running;

before(async () => {
  await hosts.open();
  [master, worker, spare] = (await Promise.all(['core-01', 'core-02', 'core-03'].map((name) => hosts.add(name)))) as [
    Host,
    Host,
    Host,
  ];
  await Promise.all([master, worker].map((host) => host.loadImage()));
  const wide = { perSecond: 1000, burst: 1000 };
  service = await startDiscovery({
    host: hosts.gateway,
    port: 0,
    ttlMs: 3_600_000,
    clock: realClock,
    log: silentLog,
    limits: { newTokens: wide, requests: wide },
  });
  discovery = await requestToken(service.url, 1);
});
after(async () => {
  await hosts.remove();
  await service?.stop();
});

const secure = () => `https://${master.address}:6443`;

test('the first host under a discovery URL becomes the master; the URL is in no command line and no log', async () => {
  masterRun = master.join([discovery]);
  await masterRun.says(/serving at/);
  const secret = discovery.slice(discovery.lastIndexOf('/') + 1);
  assert.deepEqual(
    allCommandLines().filter((line) => line.includes(secret)),
    [],
  );
  assert.ok(!masterRun.stdout.includes(secret));
  assert.ok(!readFileSync(join(master.dataDir, 'etcd/etcd.log'), 'utf8').includes(secret));
});

test('a host with a token becomes a worker that runs pods, and its verbs work', async () => {
  const token = (await master.ok('token', 'create', '--ttl', '10m')).trim();
  const file = join(hosts.folder, 'token');
  writeFileSync(file, token, { mode: 0o600 });
  workerRun = worker.join(['--server', secure(), '--token-file', file]);
  await workerRun.says(/serving at/);
  const secret = token.split('.')[1]!;
  assert.deepEqual(
    allCommandLines().filter((line) => line.includes(secret)),
    [],
  );
  assert.ok(!(workerRun.stdout + masterRun.stdout).includes(secret));

  // Without a service they would be placed at random, and the worker might get none.
  await master.ok('cordon', 'core-01');
  await master.ok(
    'run',
    'web',
    '--image',
    testImage,
    '--replicas',
    '2',
    '--',
    'sh',
    '-c',
    `trap 'exit 0' TERM; echo here; sleep 1000 & wait`,
  );
  const pods = await waitFor(() => podsOf('run=web'), {
    until: (all) => all.length === 2 && all.every(({ status }) => status.phase === 'Running'),
    withinMs: 30_000,
  });
  await master.ok('uncordon', 'core-01');
  const there = pods.find(({ spec }) => spec.nodeName === 'core-02');
  assert.ok(there, 'a pod runs on the worker');
  assert.equal(await master.ok('logs', there.metadata.name), 'here\n');
  assert.equal(await worker.ok('list-machines', '--full'), await master.ok('list-machines', '--full'));
  const ranges = (await master.ok('get', 'nodes', '-o', 'jsonpath={.items[*].spec.podCIDR}')).split(' ');
  assert.equal(new Set(ranges).size, 2);
});

test('the certificate of a worker opens no door of etcd, and no business of others', async () => {
  const tls = (who: string) => `--cacert ${worker.dataDir}/pki/${who}-ca.crt --cert ${worker.dataDir}/pki/node.crt`;
  const etcdctl = `ETCDCTL_API=3 etcdctl --command-timeout=2s --endpoints https://${master.address}:2379`;
  await assert.rejects(worker.shell(`${etcdctl} ${tls('node')} --key ${worker.dataDir}/pki/node.key get / --prefix`));
  for (const verb of [
    ['delete', 'node', 'core-01'],
    ['token', 'create'],
    ['cordon', 'core-01'],
    ['create', 'namespace', 'x'],
  ]) {
    const { code, stderr } = await worker.run(verb);
    assert.equal(code, 1, verb.join(' '));
    assert.match(stderr, /forbidden|could not find/i, verb.join(' '));
  }
});

const podsOf = async (selector: string) =>
  (JSON.parse(await master.ok('get', 'pods', '-l', selector, '-o', 'json')) as KubeList<Pod>).items as Stored<Pod>[];

test('SIGTERM ends join alone: containers go on, and it takes them over without URL or token', async () => {
  const before = await worker.shell('true').then(() => podsOf('run=web'));
  workerRun.signal('SIGTERM');
  assert.equal((await workerRun.end()).code, 0);
  workerRun = worker.start(['join']);
  await workerRun.says(/serving at/);
  masterRun.signal('SIGTERM');
  assert.equal((await masterRun.end()).code, 0);
  assert.ok((await master.processes()).some((line) => line.startsWith('etcd ')));
  masterRun = master.start(['join']);
  await masterRun.says(/serving at/);
  const after = await podsOf('run=web');
  assert.deepEqual(after.map(restarts), before.map(restarts));
});

const restarts = ({ metadata: { name }, status }: Stored<Pod>) => [name, status.containerStatuses?.[0]?.restartCount];

test('a second join on the host, and halt, which ends etcd and the containers, too', async () => {
  const second = await worker.run(['join']);
  assert.equal(second.code, 1);
  assert.match(second.stderr, /runs already \(pid \d+\)/);
  await master.ok('halt');
  assert.equal((await masterRun.end()).code, 0);
  assert.ok(!(await master.processes()).some((line) => line.startsWith('etcd ')));
  assert.match((await master.run(['up'])).stderr, /'kubecfg join' starts it/);
  masterRun = master.start(['join']);
  await masterRun.says(/serving at/);
});

test('the last master may not leave', async () => {
  const { code, stderr } = await master.run(['leave', '--force']);
  assert.equal(code, 1);
  assert.match(stderr, /core-01 is the last master.*'kubecfg destroy'/);
  assert.match((await worker.run(['destroy'])).stderr, /'kubecfg leave' takes it out/);
});

test('leave moves the pods away, and leaves nothing on the host', async () => {
  await worker.ok('leave', '--timeout', '30s');
  assert.equal((await workerRun.end()).code, 0);
  assert.deepEqual(await worker.traces(), []);
  assert.equal(await master.ok('get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}'), 'core-01');
  await waitFor(() => podsOf('run=web'), {
    until: (all) =>
      all.length === 2 && all.every(({ spec, status }) => spec.nodeName === 'core-01' && status.phase === 'Running'),
    withinMs: 30_000,
  });
});

test('--install writes a unit without secrets; where no systemd runs it says how to go on', async () => {
  const token = (await master.ok('token', 'create')).trim();
  const unitDir = join(hosts.folder, 'units');
  const install = worker.join(['--server', secure(), '--install', '--unit-dir', unitDir], { KUBECFG_TOKEN: token });
  const { code, stderr, stdout } = await install.end();
  assert.equal(code, 1, stderr);
  assert.match(stdout, /unit written to .*kubecfg\.service/);
  assert.match(stderr, /no systemd runs on this host.*\n.*systemctl enable --now kubecfg/);
  const unit = readFileSync(join(unitDir, 'kubecfg.service'), 'utf8');
  assert.match(unit, new RegExp(`ExecStart=.*"join" "--data-dir" "${worker.dataDir}"\n`));
  assert.ok(!unit.includes(token) && !unit.includes(secure()));
  assert.equal(statSync(join(worker.dataDir, 'join.json')).mode & 0o777, 0o600);

  workerRun = worker.start(['join', '--data-dir', worker.dataDir]);
  await workerRun.says(/serving at/);
  assert.ok(!existsSync(join(worker.dataDir, 'join.json')));
  await worker.ok('leave', '--unit-dir', unitDir);
  await workerRun.end();
  assert.deepEqual(await worker.traces(), []);
  assert.deepEqual(readdirSync(unitDir), []);
});

/** Fails with this message, and leaves nothing. */
async function refused(run: Running, message: RegExp, code = 1): Promise<void> {
  const outcome = await run.end();
  assert.match(outcome.stderr, message, outcome.stdout);
  assert.equal(outcome.code, code);
  assert.deepEqual(await spare.traces(), []);
}

/** A server for one test; answers its address. */
async function serve(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, hosts.gateway);
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  await once(server, 'listening');
  return `http://${hosts.gateway}:${(server.address() as AddressInfo).port}`;
}

test('a wrong discovery URL', async (t) => {
  const fresh = await requestToken(service.url, 1);
  const unknown = `${service.url}/${'0'.repeat(32)}`;
  const other = await serve(t, (_, response) => response.end('<html>hello</html>'));
  await refused(spare.join(['nonsense']), /not a URL/, 2);
  await refused(spare.join([`http://${hosts.gateway}:2/${'a'.repeat(32)}`]), /does not answer: .*REFUSED/);
  await refused(spare.join([`${other}/${'a'.repeat(32)}`]), /is no discovery service/);
  await refused(spare.join([fresh.slice(0, -20)]), /no token of 32 hexadecimal digits/);
  await refused(spare.join([unknown]), /unknown or has expired: get a new one/);
});

test('a wrong server or token', async () => {
  const token = (await master.ok('token', 'create')).trim();
  const [id = '', secret = ''] = token.split('.');
  const by = (server: string, text: string) => spare.join(['--server', server], { KUBECFG_TOKEN: text });
  await refused(by('https://127.0.0.1:1', token), /127\.0\.0\.1:1 does not answer/);
  await refused(by(`http://${master.address}:8080`, token), /the secure port of a master is needed/, 2);
  await refused(by(`https://${new URL(service.url).host}`, token), /does not speak TLS/);
  await refused(by(secure(), 'nonsense'), /not of the form ID\.SECRET/);
  await refused(by(secure(), `${id}.${[...secret].reverse().join('')}`), /is not the cluster that the token .* is of/);
  await refused(by(secure(), `zzzzzz.${secret}`), /does not know the token zzzzzz: it may have expired/);
  await master.ok('token', 'delete', id);
  await refused(by(secure(), token), new RegExp(`does not know the token ${id}`));
  const short = (await master.ok('token', 'create', '--ttl', '1ms')).trim();
  await refused(by(secure(), short), /it may have expired/);
});

/** A PATH that has all but one program. */
function folderWithout(program: string): string {
  const folder = join(hosts.folder, `without-${program}`);
  mkdirSync(folder);
  for (const path of ['/sbin', '/usr/sbin', '/bin', '/usr/bin', '/usr/local/bin']) {
    for (const name of existsSync(path) ? readdirSync(path) : []) {
      if (name !== program && !existsSync(join(folder, name))) symlinkSync(join(path, name), join(folder, name));
    }
  }
  return folder;
}

test('a host that is not fit', async () => {
  const fresh = await requestToken(service.url, 1);
  await refused(spare.join([fresh, '--address', '10.9.8.7']), /10\.9\.8\.7: this host does not have it; it has/);
  await refused(spare.join([fresh, '--docker-socket', '/nowhere']), /no Docker engine answers at \/nowhere.*\nInstall/);
  await refused(spare.join([fresh], { PATH: folderWithout('etcd') }), /need this program: etcd; install/);
  const [program = '', ...words] = spare.inside(['setpriv', '--reuid=65534', '--clear-groups', process.execPath]);
  const flags = ['join', fresh, '--address', spare.address, '--machine-name', 'core-03', '--data-dir', '/tmp/none'];
  await refused(new Running(spawn(program, [...words, 'bin/kubecfg.js', ...flags])), /needs root: use sudo/);
  for (const [port, where] of [
    [2379, spare.address],
    [2380, spare.address],
    [6443, spare.address],
    [10250, spare.address],
    [8080, '127.0.0.1'],
  ] as const) {
    const script = `require('net').createServer().listen(${port}, '${where}', () => console.log('taken'))`;
    const occupant = spare.inside([process.execPath, '-e', script]);
    const child = spawn(occupant[0]!, occupant.slice(1));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await refused(spare.join([fresh]), new RegExp(`port ${port} of .* is taken by node \\(pid ${child.pid}\\)`));
    child.kill('SIGKILL');
  }
  assert.equal(await registered(fresh), 0);
});

test('a host whose engine cannot give the pods their range: the member that it had become is undone', async () => {
  const fresh = await requestToken(service.url, 1);
  const network = { Name: 'another', IPAM: { Config: [{ Subnet: '10.244.7.0/24' }] } };
  await spare.shell(
    `curl -sf --unix-socket ${spare.socket} -H 'Content-Type: application/json' -d '${JSON.stringify(network)}' http://d/networks/create`,
  );
  await refused(spare.join([fresh, '--pod-cidr', '10.244.7.0/24']), /10\.244\.7\.0\/24|overlap/);
  await spare.shell(`curl -sf --unix-socket ${spare.socket} -X DELETE http://d/networks/another`);
});

test('a wrong user-data file', async () => {
  const fresh = await requestToken(service.url, 1);
  const file = (name: string, text: string) => {
    writeFileSync(join(hosts.folder, name), text);
    return join(hosts.folder, name);
  };
  await refused(spare.join([fresh, '--user-data', file('none', 'hello')]), /none is wrong, nothing was made\n.*line 1/);
  await refused(spare.join([fresh, '--user-data', file('script', '#!/bin/sh\n')]), /is a script, not a cloud-config/);
  const typo = file('typo', '#cloud-config\ncoreos:\n  flet: {}\n');
  await refused(spare.join([fresh, '--user-data', typo]), /line 3.*flet/);
});

test('two machines of one name, whether the cluster is forming or full', async () => {
  const namesake = spare.join(['--machine-name', 'core-01', discovery]);
  await refused(namesake, /named core-01 already: give this one another --machine-name/);
  const token = (await master.ok('token', 'create')).trim();
  const flags = ['--machine-name', 'core-01', '--server', secure()];
  await refused(spare.join(flags, { KUBECFG_TOKEN: token }), /there is a node core-01 already/);
});

test('a member that is interrupted while it waits leaves nothing, and may come again', async () => {
  const three = await requestToken(service.url, 3);
  const run = spare.join([three]);
  await run.says(/waiting for 2 more/);
  await waitFor(() => registered(three), { until: (count) => count === 1, withinMs: 20_000 });
  run.signal('SIGINT');
  assert.equal((await run.end()).code, 130);
  assert.deepEqual(await spare.traces(), []);
  assert.equal(await registered(three), 0);
});

async function registered(url: string): Promise<number> {
  const answer = (await (await fetch(url)).json()) as { node: { nodes?: unknown[] } };
  return answer.node.nodes?.length ?? 0;
}

test('who comes after the last member becomes a worker, also when etcd is the first to know', async (t) => {
  // Tells the first who asks for the members that there are none yet.
  let asked = 0;
  const late = await serve(t, async (request, response) => {
    const isList = /^\/[0-9a-f]{32}$/.test(request.url ?? '');
    const answer = await fetch(`${service.url}${request.url}`, { method: request.method ?? 'GET' });
    const body = (await answer.json()) as { node: { nodes?: unknown[] } };
    if (isList && asked++ === 0) body.node.nodes = [];
    const index = answer.headers.get('x-etcd-index') ?? '0';
    const headers = { 'Content-Type': 'application/json', 'X-Etcd-Index': index };
    response.writeHead(answer.status, headers).end(JSON.stringify(body));
  });
  const run = spare.join([`${late}${new URL(discovery).pathname}`]);
  await run.says(/serving at/);
  assert.match(run.stdout, /becomes a worker/);
  assert.deepEqual(
    (await spare.processes()).filter((line) => line.startsWith('etcd ')),
    [],
  );
  const held = readFileSync(join(spare.dataDir, 'cluster.json'), 'utf8');
  assert.ok(!held.includes(new URL(discovery).pathname.slice(1)), 'a worker does not keep the secret of the cluster');
  await spare.ok('leave');
  await run.end();
  assert.deepEqual(await spare.traces(), []);
});

test('the last master is destroyed with the cluster', async () => {
  await master.ok('destroy');
  await masterRun.end();
  assert.deepEqual(await master.traces(), []);
});
