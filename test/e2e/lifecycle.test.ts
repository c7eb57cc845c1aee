/** The life of a local cluster on real Docker: up, kill -9, halt, up again, destroy. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { after, before, test } from 'node:test';
import type { Pod } from '../../src/core/api/kinds/index.ts';
import type { KubeList } from '../../src/core/api/object.ts';
import { runProcess } from '../../src/core/async/process.ts';
import type { ClusterStatus } from '../../src/core/cluster/status.ts';
import { ensureTestImage } from '../helpers/images.ts';
import { containersOf, docker, Program } from '../helpers/program.ts';
import { waitFor } from '../helpers/wait.ts';

const program = new Program();
const { name, local } = program;

const otherContext = `apiVersion: v1
kind: Config
# somebody else's cluster
clusters:
  - name: other
    cluster: {server: "https://192.0.2.1:6443"}
contexts:
  - name: other
    context: {cluster: other, user: other}
users:
  - name: other
    user: {token: keep-me}
current-context: other
`;

before(async () => {
  await ensureTestImage();
  writeFileSync(program.kubeconfig, otherContext);
});
after(() => program.remove());

const status = async () => program.json<ClusterStatus>('status', ...local);
const pods = async () => (await program.json<KubeList<Pod>>('get', 'pods', '-l', 'app=web')).items;
const ready = (n: number) =>
  program.ok('wait', 'rc/web', `--for=jsonpath={.status.readyReplicas}=${n}`, '--timeout=30s');
const running = async () => (await containersOf(name)).filter((c) => c.State === 'running').map((c) => c.Id);

test('up brings up three ready machines and says so', async () => {
  const lines = await program.run(['up', '--num-instances', '3', '--port', '0', ...local]);

  assert.equal(lines.code, 0, lines.stderr);
  for (const machine of ['core-01', 'core-02', 'core-03'])
    assert.match(lines.stdout + lines.stderr, new RegExp(`==> ${machine}: ready`));
  const cluster = await status();
  assert.equal(cluster.name, name);
  assert.equal(cluster.dataDir, program.dataDir);
  assert.match(cluster.server, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.deepEqual(
    cluster.machines.map((m) => [m.name, m.state]),
    [
      ['core-01', 'ready'],
      ['core-02', 'ready'],
      ['core-03', 'ready'],
    ],
  );
  for (const machine of cluster.machines) assert.match(machine.machineID, /^[0-9a-f]{32}$/);
});

test('the kubeconfig has a context more and nothing less', async () => {
  const text = readFileSync(program.kubeconfig, 'utf8');
  assert.match(text, /# somebody else's cluster/);
  assert.match(text, /keep-me/);
  assert.match(text, new RegExp(`current-context: ${name}`));
});

test('list-machines prints the rows of fleetctl', async () => {
  const { machines } = await status();
  const expected = machines.map((m) => `${m.machineID.slice(0, 8)}...\t${m.address}\t-`.split('\t')).sort();
  const [head, ...rows] = (await program.ok('list-machines')).trimEnd().split('\n');
  assert.match(head!, /^MACHINE\s+IP\s+METADATA$/);
  assert.deepEqual(rows.map((row) => row.split(/\s+/)).sort(), expected);
});

test('a replication controller runs on all machines, in pods that reach each other', async () => {
  await program.ok('create', '-f', 'examples/web-rc.yaml');
  await ready(3);
  const [a, b] = await pods();
  const container = (await containersOf(name)).find(
    (c) => c.Labels['io.kubernetes.pod.uid'] === a!.metadata.uid && c.Names[0]!.includes('k8s_httpd'),
  );
  assert.match(
    container!.Names[0]!,
    new RegExp(`^/k8s_httpd\\.[0-9a-f]+_${a!.metadata.name}_default_${a!.metadata.uid}_[0-9a-f]{8}$`),
  );
  const answer = await runProcess('nsenter', [
    '-t',
    String(await pidOf(container!.Id)),
    '-n',
    'curl',
    '-sf',
    '--max-time',
    '5',
    `http://${b!.status.podIP}:8080/`,
  ]);
  assert.equal(answer.trim(), b!.metadata.name);
});

test('up again changes nothing', async () => {
  const before = await status();
  await program.ok('up', ...local);
  assert.equal((await status()).pid, before.pid);
});

test('after kill -9 of the daemon, up continues: no container was restarted, no object lost', async () => {
  const before = { pods: await pods(), containers: await running() };
  process.kill((await status()).pid, 'SIGKILL');
  await waitFor(async () => (await program.run(['status', ...local])).code, {
    until: (code) => code === 1,
    what: 'status after the kill',
  });

  await program.ok('up', ...local);
  await ready(3);

  assert.deepEqual(new Set(await running()), new Set(before.containers));
  const uids = (list: { metadata: { uid: string } }[]) => list.map((pod) => pod.metadata.uid).sort();
  assert.deepEqual(uids(await pods()), uids(before.pods));
  for (const pod of await pods()) assert.equal(pod.status.containerStatuses?.[0]?.restartCount, 0);
});

test('halt stops the containers and keeps the data; up resumes with the same machines', async () => {
  const before = await status();
  await program.ok('halt', ...local);
  assert.deepEqual(await running(), []);
  assert.equal((await program.run(['status', ...local])).code, 1);

  await program.ok('up', ...local);
  await ready(3);

  const ids = (cluster: ClusterStatus) => cluster.machines.map((m) => [m.name, m.machineID, m.address]);
  assert.deepEqual(ids(await status()), ids(before));
});

test('a crashed machine loses its pods to the others within 10 s', async () => {
  const victim = (await pods())[0]!.spec.nodeName!;
  const crashed = performance.now();
  await program.ok('halt', '--force', victim, ...local);
  await waitFor(pods, {
    until: (list) => list.filter((pod) => pod.spec.nodeName !== victim && isReady(pod)).length === 3,
    what: `three ready pods away from ${victim}`,
    withinMs: 20_000,
  });
  const seconds = (performance.now() - crashed) / 1000;
  assert.ok(seconds < 10, `replaced after ${seconds.toFixed(1)} s`);

  await program.ok('up', victim, ...local);
  assert.ok((await status()).machines.every((machine) => machine.state === 'ready'));
});

test('a halted machine hands its pods over and shows as halted', async () => {
  await program.ok('halt', 'core-03', ...local);
  assert.equal((await status()).machines.find((m) => m.name === 'core-03')!.state, 'halted');
  await waitFor(pods, {
    until: (list) => list.filter((pod) => pod.spec.nodeName !== 'core-03' && isReady(pod)).length === 3,
    what: 'three ready pods away from core-03',
    withinMs: 20_000,
  });
});

test('destroy leaves nothing of it', async () => {
  await program.ok('destroy', ...local);

  assert.deepEqual(await containersOf(name), []);
  const networks = await docker<{ Name: string }[]>('GET', '/networks');
  assert.ok(!networks.some((network) => network.Name.includes(name)));
  assert.ok(
    !Object.keys(networkInterfaces()).some(
      (device) => device.startsWith('kc-test-') && device.includes(name.slice(5, 8)),
    ),
  );
  assert.doesNotMatch(await runProcess('nft', ['list', 'tables']), new RegExp(name.replace('-', '_')));
  assert.ok(!existsSync(program.dataDir));
  const text = readFileSync(program.kubeconfig, 'utf8');
  assert.match(text, /keep-me/);
  assert.doesNotMatch(text, new RegExp(name));
  assert.equal((await program.run(['destroy', ...local])).code, 0);
});

const isReady = (pod: { status: Pod['status'] }) =>
  pod.status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;

async function pidOf(container: string): Promise<number> {
  return (await docker<{ State: { Pid: number } }>('GET', `/containers/${container}/json`)).State.Pid;
}
