import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Event, Node, Pod } from '../../../src/core/api/kinds/index.ts';
import { type ControllersOptions, startControllers } from '../../../src/core/controllers/index.ts';
import { activePods, addController, addNode, addPod, heartbeat, makeReady } from '../../helpers/cluster-objects.ts';
import { type ControlPlane, withControlPlane } from '../../helpers/control-plane.ts';

/** As a local cluster passes them. */
const local = { monitorGraceMs: 4_000, podEvictionTimeoutMs: 0 };

function start(plane: ControlPlane, health: ControllersOptions['health'] = local) {
  return plane.run(startControllers({ ...plane.deps, health }));
}
const get = ({ client }: ControlPlane, name: string) => client.get(Node, '', name);
const ready = async (plane: ControlPlane, name: string) =>
  (await get(plane, name)).status.conditions?.find((c) => c.type === 'Ready');
const podNames = async ({ client }: ControlPlane) =>
  (await client.list(Pod)).items.map(({ metadata }) => metadata.name).sort();

/** Lets time pass while these nodes report. */
async function live(plane: ControlPlane, ms: number, ...names: string[]): Promise<void> {
  for (let left = ms; left > 0; left -= 1_000) {
    await plane.clock.advance(Math.min(1_000, left));
    for (const name of names) await heartbeat(plane, name);
  }
  await plane.clock.advance(0);
}

test('node life cycle: a node that falls silent is Unknown after the grace period, and ready again when it reports', () =>
  withControlPlane(async (plane) => {
    await addNode(plane, 'core-01');
    await addNode(plane, 'core-02');
    start(plane);
    await live(plane, 20_000, 'core-01', 'core-02');
    assert.equal((await ready(plane, 'core-01'))?.status, 'True');
    await live(plane, 3_000, 'core-02');
    assert.equal((await ready(plane, 'core-01'))?.status, 'True');
    const before = await ready(plane, 'core-01');
    await live(plane, 2_000, 'core-02');
    const condition = await ready(plane, 'core-01');
    assert.deepEqual(
      [condition?.status, condition?.reason, condition?.message, condition?.lastHeartbeatTime],
      ['Unknown', 'NodeStatusUnknown', 'Kubelet stopped posting node status.', before?.lastHeartbeatTime],
    );
    await heartbeat(plane, 'core-01');
    await live(plane, 3_000, 'core-01', 'core-02');
    assert.equal((await ready(plane, 'core-01'))?.status, 'True');
    const { items } = await plane.client.list(Event, 'default');
    const told = items
      .filter((e) => e.involvedObject.kind === 'Node')
      .map((e) => `${e.type} ${e.reason}: ${e.message}`);
    assert.deepEqual(told.sort(), [
      'Normal ready: Node core-01 is now ready',
      'Warning unknown: Node core-01 is now unknown',
    ]);
  }));

test('node life cycle: the phase goes from Pending to Running, to Terminated when halted, and back', () =>
  withControlPlane(async (plane) => {
    start(plane);
    await addNode(plane, 'core-01', { ready: '' });
    await addNode(plane, 'core-02');
    const phase = async (expected: string) =>
      plane.clock.runUntil(async () => (await get(plane, 'core-01')).status.phase === expected, { withinMs: 0 });
    await phase('Pending');
    await heartbeat(plane, 'core-01');
    await phase('Running');
    await addPod(plane, 'web', { nodeName: 'core-01' });
    await heartbeat(plane, 'core-01', 'False');
    await plane.client.patch(Node, '', 'core-01', { status: { phase: 'Terminated' } }, { subresource: 'status' });
    await plane.clock.runUntil(async () => (await podNames(plane)).length === 0, { withinMs: 0 });
    await live(plane, 60_000, 'core-02');
    assert.equal((await ready(plane, 'core-01'))?.status, 'False', 'nobody expects reports of a halted machine');
    await heartbeat(plane, 'core-01');
    await phase('Running');
  }));

test('node life cycle: pods of a dead node are not ready, then replaced; those that were ending too', () =>
  withControlPlane(async (plane) => {
    await addNode(plane, 'core-01');
    await addNode(plane, 'core-02');
    await addController(plane, 'web', 2);
    start(plane, { monitorGraceMs: 4_000, podEvictionTimeoutMs: 10_000 });
    await plane.clock.runUntil(async () => (await activePods(plane, 'web')).length === 2);
    const pods = await activePods(plane, 'web');
    for (const [i, { metadata }] of pods.entries()) {
      await plane.client.bind(Pod, 'default', metadata.name, 'core-01');
      await makeReady(plane, { metadata } as never, `10.1.0.${i}`);
    }
    await plane.client.delete(Pod, 'default', pods[0]!.metadata.name, { gracePeriodSeconds: 3_600 });
    await live(plane, 6_000, 'core-02');
    const { status } = await plane.client.get(Pod, 'default', pods[1]!.metadata.name);
    assert.equal(status.conditions?.find((c) => c.type === 'Ready')?.status, 'False');
    await live(plane, 12_000, 'core-02');
    const left = await podNames(plane);
    assert.equal(left.length, 2);
    for (const { metadata } of pods) assert.ok(!left.includes(metadata.name));
  }));

test('node life cycle: when most nodes look dead no pod is deleted until some come back', () =>
  withControlPlane(async (plane) => {
    const names = ['n1', 'n2', 'n3', 'n4', 'n5'];
    for (const name of names) await addNode(plane, name);
    for (const name of names) await addPod(plane, `on-${name}`, { nodeName: name });
    start(plane);
    await live(plane, 60_000, 'n1');
    assert.equal((await podNames(plane)).length, 5);
    await heartbeat(plane, 'n2');
    await heartbeat(plane, 'n3');
    await live(plane, 6_000, 'n1', 'n2', 'n3');
    assert.deepEqual(await podNames(plane), ['on-n1', 'on-n2', 'on-n3']);
  }));

test('node life cycle: a pause of the whole process costs no pod', () =>
  withControlPlane(async (plane) => {
    const names = ['n1', 'n2', 'n3'];
    for (const name of names) await addNode(plane, name);
    for (const name of names) await addPod(plane, `on-${name}`, { nodeName: name });
    start(plane);
    await live(plane, 10_000, ...names);
    // All fall silent at once, as nobody runs, and all report again.
    await plane.clock.advance(7_000);
    await live(plane, 30_000, ...names);
    assert.equal((await podNames(plane)).length, 3);
  }));

test('node life cycle: nodes are evicted one after the other once the burst is used up', () =>
  withControlPlane(async (plane) => {
    const dead = ['d1', 'd2', 'd3'];
    const alive = ['a1', 'a2', 'a3', 'a4'];
    for (const name of [...dead, ...alive]) await addNode(plane, name);
    for (const name of dead) await addPod(plane, `on-${name}`, { nodeName: name });
    start(plane, { ...local, evictionsPerSecond: 0.1, evictionBurst: 1 });
    await live(plane, 6_000, ...alive);
    assert.equal((await podNames(plane)).length, 2);
    await live(plane, 10_000, ...alive);
    assert.equal((await podNames(plane)).length, 1);
    await live(plane, 10_000, ...alive);
    assert.equal((await podNames(plane)).length, 0);
  }));

test('node life cycle: after a restart of the controllers silent nodes get their grace period anew', () =>
  withControlPlane(async (plane) => {
    await addNode(plane, 'core-01');
    await addNode(plane, 'core-02');
    await plane.clock.advance(3_600_000);
    start(plane);
    await plane.clock.advance(3_999);
    assert.equal((await ready(plane, 'core-01'))?.status, 'True');
    await plane.clock.advance(1);
    assert.equal((await ready(plane, 'core-01'))?.status, 'Unknown');
  }));

test('node life cycle: a heartbeat causes no work', () =>
  withControlPlane(async (plane) => {
    await addNode(plane, 'core-01');
    start(plane);
    await live(plane, 10_000, 'core-01');
    const { resourceVersion } = await get(plane, 'core-01').then(({ metadata }) => metadata);
    await heartbeat(plane, 'core-01');
    await plane.clock.advance(0);
    const after = await get(plane, 'core-01').then(({ metadata }) => metadata);
    assert.ok(Number(after.resourceVersion) - Number(resourceVersion) <= 1);
  }));
