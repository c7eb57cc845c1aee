/** Several servers on one etcd: scheduler and controllers hand over, and whoever was paused writes nothing more. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Lease, Pod, ReplicationController } from '../../src/core/api/kinds/index.ts';
import { Client } from '../../src/core/client/client.ts';
import { createHttpTransport } from '../../src/core/client/http.ts';
import { startEtcd } from '../helpers/etcd.ts';
import { waitFor } from '../helpers/wait.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubecfg-fail-over-'));
const started = startEtcd({ after });
const children: ChildProcess[] = [];
after(async () => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

interface Daemon {
  child: ChildProcess;
  pid: number;
  server: string;
  log(): string;
}

async function daemon(name: string, ...args: string[]): Promise<Daemon> {
  const dataDir = join(folder, name);
  const flags = ['--runtime', 'hollow', '--port', '0', '--data-dir', dataDir, '--name', name, ...args];
  const child = spawn(process.execPath, ['bin/kubecfg.js', 'daemon', ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream!.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  const record = () => JSON.parse(readFileSync(join(dataDir, 'daemon.json'), 'utf8')) as { server: string };
  const { server } = await waitFor(record, { what: `daemon ${name}`, withinMs: 20_000 }).catch((error) => {
    throw new Error(`${error.message}\n${log}`);
  });
  return { child, pid: child.pid!, server, log: () => log };
}

/** One that is never ended, through which the test looks on; and those that run for the lead. */
let client: Client;
const candidates = new Map<string, Daemon>();
const etcdFlags = async () => ['--store', 'etcd', '--etcd-servers', (await started).urls.join()];

async function candidate(name: string): Promise<void> {
  const roles = ['--roles', 'apiserver,scheduler,controllers'];
  candidates.set(name, await daemon(name, ...roles, ...(await etcdFlags())));
}

before(async () => {
  const front = await daemon('front', '--roles', 'apiserver', ...(await etcdFlags()));
  client = new Client(createHttpTransport({ server: front.server }));
  after(() => client.transport.close());
  await Promise.all([
    daemon('machines', '--roles', 'node', '--server', front.server, '--num-instances', '2'),
    candidate('a'),
    candidate('b'),
  ]);
});

const leases = ['kube-scheduler', 'kube-controller-manager'];
const holderOf = async (name: string) => (await client.get(Lease, 'kube-system', name)).spec.holderIdentity ?? '';

/** Both leases are held by somebody else than before. */
async function handedOver(before: readonly string[], withinMs: number): Promise<number> {
  const begun = performance.now();
  await waitFor(() => Promise.all(leases.map(holderOf)), {
    until: (holders) => holders.every((holder, i) => holder !== '' && holder !== before[i]),
    what: 'other holders',
    withinMs,
  });
  return performance.now() - begun;
}

/** All work of the control plane, seen from outside: a controller's pods run. */
async function works(name: string, replicas: number): Promise<void> {
  const template = { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  await client.create(ReplicationController, {
    metadata: { name, namespace: 'default' },
    spec: { replicas, template },
  });
  await running(name, replicas);
}
const running = (name: string, replicas: number) =>
  waitFor(async () => (await client.list(Pod, 'default', { labelSelector: `app=${name}` })).items, {
    until: (pods) => pods.filter(({ status }) => status.phase === 'Running').length === replicas,
    what: `${replicas} pods of ${name}`,
    withinMs: 20_000,
  });

/** Which candidate holds the lease: it has said so. */
function leading(lease: string): Daemon {
  const line = `${lease}: `;
  const [found] = [...candidates.values()].filter(({ log }) => {
    const last = log()
      .split('\n')
      .findLast((text) => text.includes(line));
    return last?.includes('not leading') === false && last.includes('leading');
  });
  assert.ok(found, `nobody leads ${lease}`);
  return found;
}
const drop = (gone: Daemon) => {
  for (const [name, one] of candidates) if (one === gone) candidates.delete(name);
};

test('exactly one schedules and one controls', async () => {
  await works('first', 4);
  const holders = await Promise.all(leases.map(holderOf));
  assert.ok(holders.every(Boolean));
});

test('a clean stop hands over within a second', async (t) => {
  const before = await Promise.all(leases.map(holderOf));
  const [scheduler] = before;
  const leader = leading('kube-scheduler');
  const other = leading('kube-controller-manager');
  leader.child.kill('SIGTERM');
  const wait = waitFor(() => holderOf('kube-scheduler'), { until: (holder) => holder !== '' && holder !== scheduler });
  await once(leader.child, 'exit');
  const begun = performance.now();
  await wait;
  const ms = performance.now() - begun;
  t.diagnostic(`handed over ${Math.round(ms)} ms after the end`);
  assert.ok(ms <= 1_000, `${ms} ms`);
  drop(leader);
  if (other === leader) await handedOver(before, 2_000);
  await works('second', 4);
  await candidate('c');
});

test('kill -9 hands over within 15 s', async (t) => {
  const before = await Promise.all(leases.map(holderOf));
  const dead = leading('kube-scheduler');
  assert.equal(leading('kube-controller-manager'), dead, 'the only one that was there leads both');
  dead.child.kill('SIGKILL');
  const ms = await handedOver(before, 15_000);
  t.diagnostic(`handed over ${Math.round(ms)} ms after the kill`);
  drop(dead);
  await works('third', 4);
  await candidate('d');
});

test('a paused leader that goes on after its term changes nothing, and no pod is bound twice', async (t) => {
  const bindings = new Map<string, string[]>();
  const watching = new AbortController();
  const watched = (async () => {
    for await (const { object } of client.watch(Pod, 'default', { labelSelector: 'app=fourth' }, watching.signal)) {
      const nodes = bindings.get(object.metadata.name) ?? [];
      const { nodeName } = object.spec;
      if (nodeName && nodes.at(-1) !== nodeName) nodes.push(nodeName);
      bindings.set(object.metadata.name, nodes);
    }
  })();
  const before = await Promise.all(leases.map(holderOf));
  const paused = leading('kube-scheduler');
  const template = { metadata: { labels: { app: 'fourth' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  await client.create(ReplicationController, {
    metadata: { name: 'fourth', namespace: 'default' },
    spec: { replicas: 60, template },
  });
  // In the middle of its work.
  await waitFor(() => bindings.size > 0);
  process.kill(paused.pid, 'SIGSTOP');
  const ms = await handedOver(before, 15_000);
  t.diagnostic(`handed over ${Math.round(ms)} ms after the pause began`);
  await running('fourth', 60);

  process.kill(paused.pid, 'SIGCONT');
  await waitFor(() => leases.every((lease) => paused.log().includes(`${lease}: not leading any more`)), {
    what: 'the paused one to notice',
    withinMs: 10_000,
  });
  await works('fifth', 4);
  watching.abort();
  await watched;
  assert.equal(bindings.size, 60, 'pods that were ever made');
  for (const [name, nodes] of bindings) assert.equal(nodes.length, 1, `${name} was bound to ${nodes}`);
});
