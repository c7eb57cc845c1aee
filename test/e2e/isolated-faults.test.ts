/** What a cluster of three isolated machines makes of the faults that happen to real ones: each is waited out, none is told. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { ConfigMap, Lease, Node, Pod, ReplicationController, Service } from '../../src/core/api/kinds/index.ts';
import type { Stored } from '../../src/core/api/object.ts';
import { testImage } from '../helpers/images.ts';
import { IsolatedCluster } from '../helpers/isolated.ts';
import {
  clientOf,
  containersOn,
  etcdLeaderOf,
  killDaemon,
  leaderOf,
  plug,
  podsOf,
  readiness,
  Writer,
} from '../helpers/isolated-faults.ts';
import { waitFor } from '../helpers/wait.ts';

const cluster = new IsolatedCluster();
const names = ['core-01', 'core-02', 'core-03'];
const others = (...gone: string[]) => names.filter((name) => !gone.includes(name));
const replicas = 6;
/** How long all of this takes on a busy machine; a quiet one needs a fraction. */
const withinMs = 90_000;
const leases = ['kube-controller-manager', 'kube-scheduler'];

let client: ReturnType<typeof clientOf>;

before(async () => {
  await cluster.up(3);
  client = clientOf(cluster);
  after(() => client.transport.close());
  await cluster.loadImages(...names);
  const container = { name: 'web', image: testImage, command: ['sleep', '100000'] };
  const template = {
    metadata: { labels: { app: 'web' } },
    spec: { containers: [container], terminationGracePeriodSeconds: 1 },
  };
  const metadata = { name: 'web', namespace: 'default' };
  // The scheduler spreads the pods of a service.
  await client.create(Service, { metadata, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } });
  await client.create(ReplicationController, { metadata, spec: { replicas, selector: { app: 'web' }, template } });
  await settled(names);
  await spread();
});
after(() => cluster.program.remove());

/** The pods of the controller run, each in one container, on these machines; their engines have nothing else. */
async function settled(machines: readonly string[], count = replicas): Promise<Stored<Pod>[]> {
  let pods: Stored<Pod>[] = [];
  const look = async () => {
    pods = await podsOf(client, 'web');
    const containers = await containersOn(cluster, machines);
    const found = pods.map(({ metadata, spec, status }) => `${metadata.uid} ${spec.nodeName} ${status.phase}`);
    const running = containers.filter(({ name, state }) => name === 'web' && state === 'running');
    return {
      wanted: found.sort(),
      runs: running.map(({ uid, machine }) => `${uid} ${machine} Running`).sort(),
      stale: containers.filter(({ uid }) => !pods.some(({ metadata }) => metadata.uid === uid)),
    };
  };
  await waitFor(look, {
    until: ({ wanted, runs, stale }) =>
      wanted.length === count && isDeepStrictEqual(wanted, runs) && stale.length === 0,
    what: `${count} pods, each once`,
    withinMs,
  });
  return pods;
}

/** After machines came back: some pods on each. */
async function spread(count = replicas): Promise<Stored<Pod>[]> {
  await scale(0);
  await settled(names, 0);
  await scale(count);
  const pods = await settled(names, count);
  const used = new Set(pods.map(({ spec }) => spec.nodeName));
  assert.deepEqual([...used].sort(), names, await cluster.ok('describe', 'nodes'));
  return pods;
}

async function allReady(): Promise<void> {
  await waitFor(() => readiness(client), {
    until: (seen) => names.every((name) => seen[name] === 'True'),
    what: 'three ready nodes',
    withinMs,
  });
}

const machineIds = async () => {
  const { items } = await client.list(Node);
  return Object.fromEntries(items.map(({ metadata, status }) => [metadata.name, status?.nodeInfo?.machineID]));
};

async function listed(count: number): Promise<string[]> {
  const look = async () => (await cluster.ok('list-machines', '--full', '--no-legend')).trimEnd().split('\n');
  return waitFor(look, { until: (rows) => rows.length === count, what: `${count} machines`, withinMs });
}

/** A server that dies leaves open whether it did it; this may be done twice. */
async function scale(count: number): Promise<void> {
  const patch = () => client.patch(ReplicationController, 'default', 'web', { spec: { replicas: count } });
  await waitFor(patch, { what: `${count} replicas`, withinMs });
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

test('one machine dies: its pods are replaced, all is told as it is, and it comes back as itself', async (t) => {
  const leaders = await Promise.all(leases.map((lease) => leaderOf(client, lease)));
  const victim = others(...leaders)[0]!;
  const idsBefore = await machineIds();
  const begun = performance.now();
  await cluster.ok('halt', '--force', victim);
  await settled(others(victim));
  t.diagnostic(`pods replaced after ${seconds(performance.now() - begun)}`);
  await waitFor(() => readiness(client), {
    until: (seen) => names.every((name) => seen[name] === (name === victim ? 'Unknown' : 'True')),
    what: `${victim} to be known as silent`,
    withinMs,
  });
  assert.match(await cluster.ok('get', 'nodes'), new RegExp(`${victim} +NotReady`));
  const rows = await listed(2);
  assert.ok(rows.every((row) => !row.includes(idsBefore[victim]!)));
  await scale(replicas + 1);
  await settled(others(victim), replicas + 1);

  await cluster.ok('up', victim);
  await allReady();
  assert.deepEqual(await machineIds(), idsBefore);
  await listed(3);
  await spread();
});

test('one machine is cut off and comes back: no pod runs twice, and nothing acknowledged is lost', async (t) => {
  // The hardest one: it controls, and must notice that it does no more.
  const victim = await leaderOf(client, 'kube-controller-manager');
  const own = (await containersOn(cluster, [victim])).filter(({ state }) => state === 'running');
  const writer = new Writer(clientOf(cluster, { first: victim }), 'cut');
  t.after(() => writer.stop());
  const begun = performance.now();
  await plug(cluster, victim, 'down');
  try {
    await waitFor(() => podsOf(client, 'web'), {
      until: (pods) =>
        pods.length === replicas &&
        pods.every(({ spec, status }) => spec.nodeName !== victim && status.phase === 'Running'),
      what: 'pods elsewhere',
      withinMs,
    });
    t.diagnostic(`pods replaced after ${seconds(performance.now() - begun)}`);
    // Nobody can tell it; it keeps what it was last told to run.
    const still = (await containersOn(cluster, [victim])).filter(({ state }) => state === 'running');
    assert.deepEqual(still.map(({ id }) => id).sort(), own.map(({ id }) => id).sort());
  } finally {
    await plug(cluster, victim, 'up');
  }
  await settled(names);
  await allReady();
  await writer.stop();
  t.diagnostic(
    `${writer.acknowledged.length} writes, ${writer.unanswered} without an answer, longest gap ${seconds(writer.longestGapSince(begun))}`,
  );
  for (const name of names) {
    const one = clientOf(cluster, { only: name });
    assert.deepEqual(await writer.lost(one), [], `lost at ${name}`);
    await one.transport.close();
  }
  await client.deleteCollection(ConfigMap, 'default');
});

test('the leader dies, and the leader of etcd: writes go on, and so does scheduling', async (t) => {
  const victim = await leaderOf(client, 'kube-controller-manager');
  await moveEtcdLeader(victim);
  const writer = new Writer(clientOf(cluster, { first: victim }), 'fail-over');
  t.after(() => writer.stop());
  await waitFor(() => writer.acknowledged.length > 10, { withinMs });
  const begun = performance.now();
  await cluster.ok('halt', '--force', victim);
  await waitFor(() => writer.acknowledged.at(-1)!.at > begun + 5_000, { what: 'good writes', withinMs });
  t.diagnostic(`last good write to next good write: ${seconds(writer.longestGapSince(begun))}`);
  await scale(replicas + 1);
  await waitFor(() => podsOf(client, 'web'), {
    until: (pods) => pods.length > replicas && pods.every(({ spec }) => spec.nodeName),
    what: 'scheduling again',
    withinMs,
  });
  t.diagnostic(`scheduling again after ${seconds(performance.now() - begun)}`);
  for (const lease of leases) {
    const leader = await waitFor(() => leaderOf(client, lease), { until: (name) => name !== victim, withinMs });
    assert.ok(others(victim).includes(leader));
  }
  await writer.stop();
  assert.deepEqual(await writer.lost(client), []);
  await client.deleteCollection(ConfigMap, 'default');
  await cluster.ok('up', victim);
  await allReady();
  await spread();
});

/** So that one death takes both. */
async function moveEtcdLeader(to: string): Promise<void> {
  await waitFor(() => etcdLeaderOf(cluster, to, { make: true }), { until: (name) => name === to, withinMs });
}

test('two of three stop: writes say so, reads and pods go on, and one more machine mends it', async (t) => {
  const last = 'core-03';
  const before = (await containersOn(cluster, [last])).filter(({ state }) => state === 'running');
  assert.ok(before.length > 0);
  await Promise.all(others(last).map((name) => cluster.ok('halt', '--force', name)));
  const alone = clientOf(cluster, { only: last });
  try {
    const begun = performance.now();
    const attempt = alone.create(ConfigMap, { metadata: { name: 'no-quorum', namespace: 'default' } });
    const said = await attempt.then(() => '', String);
    t.diagnostic(`a write fails after ${seconds(performance.now() - begun)}: ${said}`);
    assert.match(said, /etcd/);
    const { items } = await alone.list(Pod, 'default', { resourceVersion: '0' });
    assert.equal(items.length, replicas);
    const running = (await containersOn(cluster, [last])).filter(({ state }) => state === 'running');
    assert.deepEqual(running.map(({ id }) => id).sort(), before.map(({ id }) => id).sort());
  } finally {
    await alone.transport.close();
  }
  await cluster.ok('up', 'core-01');
  await settled(others('core-02'));
  const survivors = (await containersOn(cluster, [last])).map(({ id }) => id);
  for (const { id } of before) assert.ok(survivors.includes(id), 'a pod that ran on was taken away');
  await client.create(ConfigMap, { metadata: { name: 'quorum', namespace: 'default' } });
  await cluster.ok('up', 'core-02');
  await allReady();
});

test('a clock that is an hour ahead fools nobody', async () => {
  const wrong = 'core-03';
  const ready = { 'core-01': 'True', 'core-02': 'True', [wrong]: 'True' };
  await restartWithClock(wrong, '+1h');
  const uids = uidsOf(await spread());
  const transitions = await Promise.all(leases.map(transitionsOf));
  await renewals(2);
  assert.deepEqual(await Promise.all(leases.map(transitionsOf)), transitions, 'somebody took a lease that was held');
  assert.deepEqual(await readiness(client), ready);
  assert.deepEqual(uidsOf(await settled(names)), uids);
  await listed(3);

  // The other way round: it leads, and takes nobody for dead.
  await Promise.all(others(wrong).map((name) => killDaemon(cluster, name)));
  await Promise.all(others(wrong).map((name) => cluster.ok('up', name)));
  for (const lease of leases) {
    await waitFor(() => leaderOf(client, lease), {
      until: (name) => name === wrong,
      what: `it leads ${lease}`,
      withinMs,
    });
  }
  await allReady();
  const led = uidsOf(await settled(names));
  await renewals(1);
  await graceIsKept();
  assert.deepEqual(await readiness(client), ready);
  assert.deepEqual(uidsOf(await settled(names)), led);
});

const uidsOf = (pods: readonly Stored<Pod>[]) => pods.map(({ metadata }) => metadata.uid).sort();

/** A pod on each machine that does not obey the signal gets its grace, whichever API server was told to delete it. */
async function graceIsKept(): Promise<void> {
  const graceSeconds = 3;
  const make = async (nodeName: string) => {
    const container = { name: 'stubborn', image: testImage, command: ['sleep', '100000'] };
    const metadata = { name: `stubborn-${nodeName}`, namespace: 'default' };
    const spec = { nodeName, containers: [container], terminationGracePeriodSeconds: graceSeconds };
    await client.create(Pod, { metadata, spec });
    await waitFor(() => client.get(Pod, 'default', metadata.name), {
      until: ({ status }) => status.phase === 'Running',
      withinMs,
    });
    return metadata.name;
  };
  const times = names.map(async (machine, i) => {
    const name = await make(machine);
    // The server's clock is right where the kubelet's is not, and the other way round.
    const server = clientOf(cluster, { only: names.at(i - 1)! });
    const begun = performance.now();
    await server.delete(Pod, 'default', name);
    await server.transport.close();
    const gone = () =>
      client.get(Pod, 'default', name).then(
        () => false,
        () => true,
      );
    await waitFor(gone, { what: `${name} is gone`, withinMs });
    return performance.now() - begun;
  });
  for (const ms of await Promise.all(times)) assert.ok(ms >= graceSeconds * 1000 - 100, `ended after ${ms} ms`);
}

async function transitionsOf(lease: string): Promise<string> {
  const { spec } = await client.get(Lease, 'kube-system', lease);
  return `${spec.holderIdentity} ${spec.leaseTransitions}`;
}

/** So many renewals of the controllers' lease: by then whoever is fooled has shown it. */
async function renewals(count: number): Promise<void> {
  const renewed = async () => (await client.get(Lease, 'kube-system', leases[0]!)).spec.renewTime;
  for (let n = 0; n < count; n++) {
    const before = await renewed();
    await waitFor(renewed, { until: (time) => time !== before, what: 'a renewal', withinMs });
  }
}

/** Its etcd member goes on with the right one: libfaketime does not reach Go's programs. */
async function restartWithClock(machine: string, offset: string): Promise<void> {
  const folder = readdirSync('/usr/lib').find((name) => existsSync(`/usr/lib/${name}/${fakeTime}`));
  assert.ok(folder, 'libfaketime is missing: install the Debian package libfaketime');
  const faked = { LD_PRELOAD: `/usr/lib/${folder}/${fakeTime}`, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
  await killDaemon(cluster, machine);
  const { code, stderr } = await cluster.program.run(['up', machine, ...cluster.program.local], '', faked);
  assert.equal(code, 0, stderr);
  await waitFor(() => client.get(Node, '', machine), {
    until: ({ status }) => {
      const ready = status.conditions?.find(({ type }) => type === 'Ready');
      return Date.parse(ready?.lastHeartbeatTime ?? '') > Date.now() + 3_500_000;
    },
    what: 'a heartbeat from the future',
    withinMs,
  });
  await allReady();
}

const fakeTime = 'faketime/libfaketimeMT.so.1';

test('all three crash at once and start again: the same machines, the same pods, nothing lost', async (t) => {
  const idsBefore = await machineIds();
  const uidsBefore = uidsOf(await podsOf(client, 'web'));
  const writer = new Writer(clientOf(cluster), 'crash');
  t.after(() => writer.stop());
  await waitFor(() => writer.acknowledged.length > 10, { withinMs });
  await Promise.all(names.map((name) => cluster.ok('halt', '--force', name)));
  await writer.stop();
  await cluster.ok('up');
  await allReady();
  assert.deepEqual(uidsOf(await settled(names)), uidsBefore);
  assert.deepEqual(await machineIds(), idsBefore);
  assert.deepEqual(await writer.lost(client), []);
});
