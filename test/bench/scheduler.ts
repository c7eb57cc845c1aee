/**
 * Pods bound per second, 5,000 of them to 200 nodes, on a durable store with all parts in one process:
 * `npm run bench -- scheduler`. Once with the pods there before the scheduler starts, once while they are created.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Node, Pod, Service } from '../../src/core/api/kinds/index.ts';
import { timestamp } from '../../src/core/api/time.ts';
import { createApiServer } from '../../src/core/apiserver/index.ts';
import { realClock } from '../../src/core/async/clock.ts';
import { silentLog } from '../../src/core/async/log.ts';
import { seededRandom } from '../../src/core/async/random.ts';
import { Client } from '../../src/core/client/client.ts';
import { createInformers } from '../../src/core/client/informers.ts';
import { createRecorder } from '../../src/core/client/recorder.ts';
import { chooseNode } from '../../src/core/scheduler/algorithm.ts';
import { ClusterState } from '../../src/core/scheduler/cluster-state.ts';
import { defaultPolicy } from '../../src/core/scheduler/defaults.ts';
import { startScheduler } from '../../src/core/scheduler/index.ts';
import { requirementsOf } from '../../src/core/scheduler/requirements.ts';
import { openEmbeddedStore } from '../../src/core/store/index.ts';

const nodeCount = 200;
const podCount = 5_000;
const creators = 64;

const common = { clock: realClock, random: seededRandom(1), log: silentLog };
const say = (what: string, text: string) => console.log(`${what.padEnd(34)} ${text}`);
const rate = (count: number, ms: number) => `${Math.round((count * 1000) / ms).toLocaleString('en-US')} pods/s`;

const dir = mkdtempSync(join(tmpdir(), 'bench-scheduler-'));
const store = await openEmbeddedStore({ dir, ...common });
const server = await createApiServer({ store, ...common, portalNet: '10.0.0.0/16' });
const client = new Client(server.transport);
const informers = createInformers(client, common);
const recorder = createRecorder(client, { component: 'scheduler', ...common });
const pods = informers.for(Pod);

async function addNode(i: number): Promise<void> {
  const name = `hollow-${String(i).padStart(3, '0')}`;
  const now = timestamp(Date.now());
  const capacity = { cpu: '8', memory: '32Gi', pods: '110' };
  const conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime: now, lastTransitionTime: now }];
  await client.create(Node, { metadata: { name } });
  await client.patch(
    Node,
    '',
    name,
    { status: { capacity, allocatable: capacity, conditions } },
    { subresource: 'status' },
  );
}

function addPod(set: string, i: number) {
  const resources = { requests: { cpu: '100m', memory: '64Mi' } };
  return client.create(Pod, {
    metadata: { name: `${set}-${i}`, namespace: 'default', labels: { app: 'web' } },
    spec: { containers: [{ name: 'main', image: 'test', resources }] },
  });
}

/** Runs `create` for each number, so many at a time. */
async function each(count: number, atATime: number, create: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await create(next++);
  };
  await Promise.all(Array.from({ length: atATime }, worker));
}

/** Resolves when the informer has shown so many pods on nodes. */
function bound(count: number): Promise<void> {
  return new Promise((resolve) => {
    let seen = 0;
    pods.subscribe(({ object, old }) => {
      if (object.spec.nodeName && !old?.spec.nodeName && ++seen === count) resolve();
    });
  });
}

async function removePods(): Promise<void> {
  await client.deleteCollection(Pod, 'default', { gracePeriodSeconds: 0 });
  while (pods.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** The decision alone, without server, store or informers. */
function decisions(): string {
  const state = new ClusterState();
  for (const node of nodes.list()) state.setNode(node);
  const asked = [...pods.list()].map(requirementsOf);
  const startedAt = performance.now();
  for (const pod of asked) {
    const node = chooseNode(pod, state, defaultPolicy, common.random);
    if (node) state.assume(pod, node);
  }
  return `${(((performance.now() - startedAt) * 1000) / asked.length).toFixed(0)} µs a pod`;
}

const nodes = informers.for(Node);
try {
  await client.create(Service, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  });
  await each(nodeCount, creators, addNode);
  await informers.synced();
  for (let round = 1; round <= 3; round++) {
    await each(podCount, creators, (i) => addPod(`waiting${round}`, i));
    while (pods.size < podCount) await new Promise((resolve) => setTimeout(resolve, 5));
    if (round === 1) say('decision alone', decisions());
    const all = bound(podCount);
    const startedAt = performance.now();
    const scheduler = startScheduler({ client, informers, recorder, ...common });
    await all;
    say(`waiting pods, round ${round}`, rate(podCount, performance.now() - startedAt));
    await scheduler.stop();
    await removePods();
  }

  const scheduler = startScheduler({ client, informers, recorder, ...common });
  const all = bound(podCount);
  const startedAt = performance.now();
  await each(podCount, creators, (i) => addPod('created', i));
  say('create, 64 at a time', rate(podCount, performance.now() - startedAt));
  await all;
  say('from first create to last binding', rate(podCount, performance.now() - startedAt));
  await scheduler.stop();
} finally {
  await informers.stop();
  await server.close();
  await store.close();
  rmSync(dir, { recursive: true, force: true });
}
