/**
 * What the way between pods of two machines costs: one TCP connection, its throughput and round trips, between pods of
 * isolated machines (host-gw) and of hosts with a router between them (VXLAN), beside a plain veth pair in the same run.
 * All of it is one kernel: what is measured is its work, without a wire, on which a tunnel costs its headers as well.
 * Needs root, Docker and etcd; leaves nothing behind.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProcess } from '../../src/core/async/process.ts';
import { inNamespace, namespaceName } from '../../src/core/network/namespaces.ts';
import { testImage } from '../helpers/images.ts';
import { IsolatedCluster } from '../helpers/isolated.ts';
import { PodHosts } from '../helpers/pod-hosts.ts';
import { waitFor } from '../helpers/wait.ts';

const rounds = Number(process.argv[2] ?? 3);
const probe = [process.execPath, '--import', 'tsx', join(import.meta.dirname, 'podnet/probe.ts')];

/** Two ends of a way: how to run a program at each, and the address of the second. */
interface Way {
  name: string;
  from: (command: string[]) => string[];
  to: (command: string[]) => string[];
  address: string;
}
interface Result {
  bytesPerSecond: number;
  median: number;
  p99: number;
}

const servers: ChildProcess[] = [];
const cleanups: (() => Promise<unknown>)[] = [];

async function veth(): Promise<Way> {
  const [a, b] = ['a', 'b'].map((end) => `kubecfg-bench-${randomBytes(3).toString('hex')}-${end}`) as [string, string];
  for (const namespace of [a, b]) {
    await runProcess('ip', ['netns', 'add', namespace]);
    cleanups.push(() => runProcess('ip', ['netns', 'delete', namespace]));
  }
  const lines = [
    `link add eth0 netns ${a} type veth peer name eth0 netns ${b}`,
    ...[a, b].flatMap((end, i) => [`-n ${end} address add 192.0.2.${i + 1}/24 dev eth0`, `-n ${end} link set eth0 up`]),
  ];
  for (const line of lines) await runProcess('ip', line.split(' '));
  return { name: 'plain veth', from: (c) => inNamespace(a, c), to: (c) => inNamespace(b, c), address: '192.0.2.2' };
}

async function isolatedMachines(): Promise<Way[]> {
  const cluster = new IsolatedCluster();
  cleanups.push(() => cluster.program.remove());
  await cluster.up(1);
  await cluster.up(2);
  const names = ['core-01', 'core-02'];
  await cluster.loadImages(...names);
  const pod = (nodeName: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `on-${nodeName}`, labels: { app: 'bench' } },
    spec: { nodeName, containers: [{ name: 'main', image: testImage, command: ['sleep', '3600'] }] },
  });
  const file = join(cluster.program.folder, 'pods.json');
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: names.map(pod) }));
  await cluster.ok('create', '-f', file);
  const pods = await waitFor(() => cluster.pods('app=bench'), {
    until: (all) => all.length === 2 && all.every(({ status }) => status.phase === 'Running'),
    withinMs: 30_000,
  });
  const entries = await Promise.all(names.map((name) => entryOfPod(cluster, name)));
  const { machines } = await cluster.status();
  const machine = (name: string) => (c: string[]) => inNamespace(namespaceName(cluster.name, name), c);
  const ends = { from: machine('core-01'), to: machine('core-02') };
  const address = pods.find(({ spec }) => spec.nodeName === 'core-02')!.status.podIP!;
  return [
    { name: 'machine to machine', ...ends, address: machines[1]!.address },
    { name: 'pod to pod, host-gw', from: entries[0]!, to: entries[1]!, address },
  ];
}

async function entryOfPod(cluster: IsolatedCluster, machine: string) {
  const docker = (...args: string[]) =>
    runProcess('docker', ['-H', `unix://${cluster.dockerSocket(machine)}`, ...args]).then((text) => text.trim());
  const id = await docker('ps', '-q', '--filter', 'label=io.kubernetes.container.name=main');
  const pid = await docker('inspect', '-f', '{{.State.Pid}}', id);
  return (command: string[]) => ['nsenter', `--net=/proc/${pid}/ns/net`, ...command];
}

async function routedHosts(): Promise<Way> {
  const hosts = new PodHosts();
  cleanups.push(() => hosts.remove());
  await hosts.make();
  const { a, b } = hosts;
  for (const host of [a, b]) hosts.setNodes(host, [a, b]);
  await waitFor(() => hosts.in(a.pod.namespace, 'busybox', 'ping', '-c', '1', '-W', '1', b.pod.address), {
    withinMs: 20_000,
  });
  return {
    name: 'pod to pod, VXLAN',
    from: (command) => inNamespace(a.pod.namespace, command),
    to: (command) => inNamespace(b.pod.namespace, command),
    address: b.pod.address,
  };
}

async function serve({ to }: Way): Promise<void> {
  const [program = '', ...args] = to([...probe, 'serve']);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  servers.push(child);
  await once(child.stdout, 'data');
}

async function measure({ from, address }: Way): Promise<Result> {
  const [program = '', ...args] = from([...probe, 'ask', address]);
  return JSON.parse(await runProcess(program, args)) as Result;
}

const middle = (numbers: number[]) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;

async function main(): Promise<void> {
  const ways = [await veth(), ...(await isolatedMachines()), await routedHosts()];
  for (const way of ways) await serve(way);
  const results = new Map(ways.map((way) => [way, [] as Result[]]));
  // Round by round, so that whatever else the machine does meets all of them.
  for (let round = 0; round < rounds; round++) for (const way of ways) results.get(way)!.push(await measure(way));
  const rate = (way: Way) => middle(results.get(way)!.map(({ bytesPerSecond }) => bytesPerSecond));
  for (const [way, all] of results) {
    const [median, p99] = (['median', 'p99'] as const).map((key) =>
      middle(all.map((result) => result[key])).toFixed(0),
    );
    const gigabits = ((rate(way) * 8) / 1e9).toFixed(1);
    const share = ((rate(way) / rate(ways[0]!)) * 100).toFixed(0);
    console.log(
      `${way.name.padEnd(20)} ${gigabits.padStart(6)} Gbit/s (${share.padStart(3)} %)   round trip ${median} µs, p99 ${p99} µs`,
    );
  }
}

try {
  await main();
} finally {
  for (const server of servers) server.kill('SIGKILL');
  for (const cleanup of cleanups.reverse()) await cleanup();
}
process.exit();
