/** Three isolated machines: how long they take to boot, what they weigh, and how long a death is felt. */
import { readdirSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { ReplicationController, Service } from '../../src/core/api/kinds/index.ts';
import { detachedPid } from '../../src/core/async/detached.ts';
import { ensureTestImage, testImage } from '../helpers/images.ts';
import { IsolatedCluster } from '../helpers/isolated.ts';
import { clientOf, etcdLeaderOf, leaderOf, podsOf, Writer } from '../helpers/isolated-faults.ts';
import { waitFor } from '../helpers/wait.ts';

const names = ['core-01', 'core-02', 'core-03'];
const replicas = 6;
const withinMs = 120_000;
const say = (what: string, text: string) => console.log(`${what.padEnd(44)} ${text}`);
const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
const cluster = new IsolatedCluster();

try {
  say(
    'load average',
    loadavg()
      .map((load) => load.toFixed(1))
      .join(' '),
  );
  const flags = ['--provider', 'isolated', '--num-instances', String(names.length)];
  const begun = performance.now();
  const { code, stdout, stderr } = await cluster.program.run(['up', ...flags, ...cluster.program.local]);
  if (code !== 0) throw new Error(stderr);
  boot(stdout + stderr, performance.now() - begun);
  await Promise.all(names.map((name) => ensureTestImage(cluster.dockerSocket(name))));
  const client = clientOf(cluster);
  const containers = [{ name: 'web', image: testImage, command: ['sleep', '100000'] }];
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers, terminationGracePeriodSeconds: 1 } };
  const metadata = { name: 'web', namespace: 'default' };
  await client.create(Service, { metadata, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } });
  await client.create(ReplicationController, { metadata, spec: { replicas, selector: { app: 'web' }, template } });
  await running(client);
  for (const name of names) memory(name);
  for (const whom of ['follower', 'leader'] as const) await death(client, whom);
  await client.transport.close();
  say(
    'load average',
    loadavg()
      .map((load) => load.toFixed(1))
      .join(' '),
  );
} finally {
  await cluster.program.remove();
}

/** The last of the machines to come so far. */
function boot(output: string, ms: number): void {
  for (const phase of ['network', 'Docker engine', 'ready']) {
    const times = [...output.matchAll(new RegExp(`: ${phase}.* after ([\\d.]+) s`, 'g'))].map(([, time]) =>
      Number(time),
    );
    say(`boot: ${phase}`, `${Math.max(...times).toFixed(2)} s`);
  }
  say('boot: all, with the discovery service', seconds(ms));
}

function memory(machine: string): void {
  const run = `/run/kubecfg/${cluster.name}/${machine}`;
  const dockerd = detachedPid(`${run}/dockerd.pid`)!;
  const pids = {
    kubecfg: detachedPid(`${run}/daemon.pid`)!,
    etcd: detachedPid(`${cluster.program.dataDir}/machines/${machine}/data/etcd/etcd.pid`)!,
    dockerd,
    containerd: childrenOf(dockerd).find((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('containerd'))!,
  };
  const sizes = Object.entries(pids).map(([name, pid]) => `${name} ${megabytesOf(pid)} MB`);
  say(`RSS of ${machine}`, sizes.join(', '));
}

function megabytesOf(pid: number): number {
  const [, kilobytes] = readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

function childrenOf(pid: number): number[] {
  const threads = readdirSync(`/proc/${pid}/task`);
  const texts = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'));
  return texts.join(' ').split(' ').filter(Boolean).map(Number);
}

/** Of a machine that leads everything, and whose API server is the writer's, or of one that leads nothing. */
async function death(client: ReturnType<typeof clientOf>, whom: 'leader' | 'follower'): Promise<void> {
  const leads = await Promise.all(
    ['kube-controller-manager', 'kube-scheduler'].map((lease) => leaderOf(client, lease)),
  );
  const idle = names.filter((name) => !leads.includes(name));
  const victim = whom === 'leader' ? leads[0]! : idle.at(-1)!;
  const etcd = whom === 'leader' ? victim : leads[0]!;
  await waitFor(() => etcdLeaderOf(cluster, etcd, { make: true }), { until: (name) => name === etcd, withinMs });
  const writer = new Writer(clientOf(cluster, { first: victim }), whom);
  await waitFor(() => writer.acknowledged.length > 40, { withinMs });
  const usual = writer.longestGapSince(0);
  const begun = performance.now();
  await cluster.ok('halt', '--force', victim);
  say(`${whom} dies: all its processes ended after`, seconds(performance.now() - begun));
  await waitFor(() => podsOf(client, 'web'), {
    until: (pods) => pods.some(({ spec }) => !spec.nodeName) || pods.every(({ spec }) => spec.nodeName !== victim),
    withinMs,
  });
  await running(client, victim);
  say(`${whom} dies: its pods replaced after`, seconds(performance.now() - begun));
  await writer.stop();
  const gap = seconds(writer.longestGapSince(begun));
  say(`${whom} dies: last to next good write`, `${gap}, against ${seconds(usual)} before`);
  await cluster.ok('up', victim);
}

async function running(client: ReturnType<typeof clientOf>, except = ''): Promise<void> {
  await waitFor(() => podsOf(client, 'web'), {
    until: (pods) =>
      pods.length === replicas &&
      pods.every(({ spec, status }) => spec.nodeName !== except && status.phase === 'Running'),
    withinMs,
  });
}
