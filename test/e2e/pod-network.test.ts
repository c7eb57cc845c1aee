/** Pods of several machines: who reaches whom, from which address, and what happens to a route that somebody deletes. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runProcess } from '../../src/core/async/process.ts';
import { testImage } from '../helpers/images.ts';
import { IsolatedCluster } from '../helpers/isolated.ts';
import { waitFor } from '../helpers/wait.ts';

const cluster = new IsolatedCluster();
const names = ['core-01', 'core-02'] as const;
type Machine = (typeof names)[number];

/** Answers with the address that the question came from, and its own name. */
const server =
  'mkdir -p /www/cgi-bin; printf \'#!/bin/sh\\necho; echo "$REMOTE_ADDR %s"\\n\' "$HOSTNAME" >/www/cgi-bin/who; ' +
  'chmod +x /www/cgi-bin/who; exec httpd -f -p 0.0.0.0:8080 -h /www';

const podOn = (nodeName: Machine) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `on-${nodeName}`, labels: { app: 'who', machine: nodeName } },
  spec: {
    nodeName,
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'main',
        image: testImage,
        command: ['sh', '-c', server],
        ports: [{ containerPort: 8080, ...(nodeName === 'core-02' ? { hostPort: 8081 } : {}) }],
        readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
      },
    ],
  },
});

/** Backends on core-02 only. */
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'far' },
  spec: {
    type: 'NodePort',
    selector: { machine: 'core-02' },
    externalIPs: ['192.0.2.80'],
    ports: [{ port: 80, targetPort: 8080 }],
  },
};

interface Place {
  address: string;
  pod: string;
}
const places: Record<string, Place> = {};
let portal = '';
let nodePort = 0;

before(async () => {
  // A master and a worker.
  await cluster.up(1);
  await cluster.up(2);
  await cluster.loadImages(...names);
  await create({ apiVersion: 'v1', kind: 'List', items: [...names.map((name) => podOn(name)), service] });
  const pods = await running('app=who', 2);
  const { machines } = await cluster.status();
  for (const name of names) {
    const { address } = machines.find((machine) => machine.name === name)!;
    places[name] = { address, pod: pods.find(({ spec }) => spec.nodeName === name)!.status.podIP! };
  }
  const made = JSON.parse(await cluster.ok('get', 'service', 'far', '-o', 'json'));
  portal = made.spec.clusterIP;
  nodePort = made.spec.ports[0].nodePort;
  // Endpoints reach each machine's proxy on their own.
  await waitFor(() => fromPod('core-01', portal, 80), { withinMs: 10_000 });
});
after(() => cluster.program.remove());

async function create(manifest: object): Promise<void> {
  const file = join(cluster.program.folder, 'manifest.json');
  writeFileSync(file, JSON.stringify(manifest));
  await cluster.ok('create', '-f', file);
}

const running = (selector: string, count: number) =>
  waitFor(() => cluster.pods(selector), {
    until: (all) => all.length === count && all.every(({ status }) => status.conditions?.some(isReady)),
    withinMs: 30_000,
  });

/** The /24 that an address is in. */
const rangeOf = (address: string) => address.replace(/\d+$/, '0/24');

const isReady = ({ type, status }: { type: string; status: string }) => type === 'Ready' && status === 'True';

/** What the pod on a machine is told. */
async function fromPod(machine: Machine, host: string, port = 8080): Promise<string> {
  const filter = `label=io.kubernetes.pod.name=on-${machine}`;
  const find = ['docker', 'ps', '-q', '--filter', filter, '--filter', 'label=io.kubernetes.container.name=main'];
  const id = (await cluster.on(machine, ...find)).trim();
  return ask(machine, ['docker', 'exec', '-i', id], host, port);
}

/** What a program of the machine itself is told. */
const fromMachine = (machine: Machine, host: string, port = 8080) => ask(machine, ['busybox'], host, port);

const ask = async (machine: Machine, where: string[], host: string, port: number) =>
  lastLine(await cluster.on(machine, 'sh', '-c', question(where.join(' '), host, port)));

const fromHere = async (host: string, port: number) =>
  lastLine(await runProcess('sh', ['-c', question('busybox', host, port)]));

const question = (where: string, host: string, port: number) =>
  `printf 'GET /cgi-bin/who HTTP/1.0\\r\\n\\r\\n' | ${where} nc -w 5 ${host} ${port} 2>&1`;

const lastLine = (text: string) => text.trim().split('\n').at(-1)!;

const here = () => places['core-01']!;
const there = () => places['core-02']!;

test('pods reach pods of the other machine, from their own address', async () => {
  assert.equal(await fromPod('core-01', there().pod), `${here().pod} on-core-02`);
  assert.equal(await fromPod('core-02', here().pod), `${there().pod} on-core-01`);
});

test('a portal address leads to a pod of the other machine, which sees who asks', async () => {
  assert.equal(await fromPod('core-01', portal, 80), `${here().pod} on-core-02`);
  assert.equal(await fromPod('core-01', '192.0.2.80', 80), `${here().pod} on-core-02`, 'and so does a public address');
});

test('a pod reaches its own service', async () => {
  assert.match(await fromPod('core-02', portal, 80), / on-core-02$/);
});

test('machines reach pods and portals, from their own address', async () => {
  assert.equal(await fromMachine('core-01', there().pod), `${here().address} on-core-02`);
  assert.equal(await fromMachine('core-01', portal, 80), `${here().address} on-core-02`);
});

test('pods reach machines, and host ports on them', async () => {
  assert.equal(await fromPod('core-01', there().address, 8081), `${here().pod} on-core-02`);
  assert.equal(await fromPod('core-02', here().address, nodePort).then((text) => text.split(' ')[1]), 'on-core-02');
});

test('a node port answers on every machine, wherever the backend is', async () => {
  assert.match(await fromHere(there().address, nodePort), / on-core-02$/);
  assert.match(await fromHere(here().address, nodePort), / on-core-02$/);
  assert.match(await fromPod('core-01', here().address, nodePort), / on-core-02$/);
});

test('pods reach what is outside, which does not know their addresses', async () => {
  const gateway = (await cluster.on('core-01', 'sh', '-c', 'ip -j route show default')).match(
    /"gateway":"([^"]+)"/,
  )![1]!;
  await assert.rejects(fromPod('core-01', gateway, 9), /refused/);
});

test('a route that somebody deletes comes back', async () => {
  const routes = () => cluster.on('core-01', 'ip', '-4', 'route', 'show', 'proto', '75');
  const before = await routes();
  const range = before
    .split('\n')
    .find((line) => line.includes(`via ${there().address}`))!
    .split(' ')[0]!;
  await cluster.on('core-01', 'ip', 'route', 'delete', range);
  await waitFor(routes, { until: (now) => now === before, withinMs: 3_000 });
  assert.equal(await fromPod('core-01', there().pod), `${here().pod} on-core-02`);
});

test('a machine that joined without a range is given a free one, and keeps it', async () => {
  const folder = join(cluster.program.dataDir, 'machines/core-02');
  const record = join(folder, 'data/cluster.json');
  const range = () => JSON.parse(readFileSync(record, 'utf8')).machines[0].podCIDR as string;
  await cluster.ok('delete', 'pod', 'on-core-02');
  await waitFor(() => cluster.pods('machine=core-02'), { until: ({ length }) => length === 0 });
  await cluster.ok('halt', 'core-02', '--force');
  await cluster.ok('delete', 'node', 'core-02');
  writeFileSync(record, readFileSync(record, 'utf8').replace(range(), ''));
  rmSync(join(folder, 'docker'), { recursive: true });
  await cluster.ok('up', 'core-02');
  const node = (await cluster.nodes()).find(({ metadata }) => metadata.name === 'core-02')!;
  assert.match(node.spec.podCIDR!, /^10\..*\.0\/24$/);
  assert.notEqual(node.spec.podCIDR, rangeOf(here().pod));
  assert.equal(range(), node.spec.podCIDR);

  await cluster.loadImages('core-02');
  await create(podOn('core-02'));
  const [pod] = await running('machine=core-02', 1);
  there().pod = pod!.status.podIP!;
  assert.equal(rangeOf(there().pod), node.spec.podCIDR);
  assert.equal(await fromPod('core-01', there().pod), `${here().pod} on-core-02`);
});

test('routes stay while no kubecfg process runs', async () => {
  const record = readFileSync(`/run/kubecfg/${cluster.name}/core-01/daemon.pid`, 'utf8');
  process.kill(Number(record.split(' ')[0]), 'SIGKILL');
  assert.equal(await fromPod('core-02', here().pod), `${there().pod} on-core-01`);
});

test('destroy leaves nothing on this host', async () => {
  await cluster.ok('destroy');
  assert.deepEqual(await cluster.traces(), []);
});
