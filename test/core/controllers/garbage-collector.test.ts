import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Node, Pod, ReplicationController } from '../../../src/core/api/kinds/index.ts';
import type { RequestOptions } from '../../../src/core/api/request.ts';
import { startControllers } from '../../../src/core/controllers/index.ts';
import { activePods, addController, addNode, addPod, heartbeat } from '../../helpers/cluster-objects.ts';
import { type ControlPlane, laggingTransport, withControlPlane } from '../../helpers/control-plane.ts';

async function webOf(plane: ControlPlane, replicas: number) {
  await addController(plane, 'web', replicas);
  await plane.clock.runUntil(async () => (await activePods(plane, 'web')).length === replicas);
  return activePods(plane, 'web');
}
const controllersLeft = async ({ client }: ControlPlane) => (await client.list(ReplicationController)).items.length;
const deleteWeb = ({ client }: ControlPlane, propagationPolicy?: RequestOptions['propagationPolicy']) =>
  client.delete(ReplicationController, 'default', 'web', propagationPolicy ? { propagationPolicy } : {});

for (const policy of [undefined, 'Orphan'] as const) {
  test(`garbage collector: deleting a controller ${policy ?? 'without a policy'} leaves its pods, which the next one adopts`, () =>
    withControlPlane(async (plane) => {
      plane.run(startControllers(plane.deps));
      const pods = await webOf(plane, 2);
      await deleteWeb(plane, policy);
      await plane.clock.runUntil(async () => (await controllersLeft(plane)) === 0, { withinMs: 1_000 });
      await plane.clock.advance(60_000);
      const left = await activePods(plane, 'web');
      assert.deepEqual(
        left.map(({ metadata }) => metadata.uid),
        pods.map(({ metadata }) => metadata.uid),
      );
      for (const { metadata } of left) assert.deepEqual(metadata.ownerReferences ?? [], []);

      const again = await webOf(plane, 2);
      await plane.clock.advance(1_000);
      assert.deepEqual(
        again.map(({ metadata }) => metadata.uid),
        pods.map(({ metadata }) => metadata.uid),
      );
    }));
}

test('garbage collector: in the background the pods go after their controller', () =>
  withControlPlane(async (plane) => {
    plane.run(startControllers(plane.deps));
    await webOf(plane, 2);
    await addPod(plane, 'bystander', {}, { labels: { app: 'other' } });
    await deleteWeb(plane, 'Background');
    assert.equal(await controllersLeft(plane), 0);
    await plane.clock.runUntil(async () => (await activePods(plane, 'web')).length === 0, { withinMs: 1_000 });
    assert.equal((await activePods(plane, 'other')).length, 1);
  }));

test('garbage collector: in the foreground the controller waits for its pods', () =>
  withControlPlane(async (plane) => {
    plane.run(startControllers(plane.deps));
    await addNode(plane, 'core-01');
    const pods = await webOf(plane, 2);
    for (const { metadata } of pods) await plane.client.bind(Pod, 'default', metadata.name, 'core-01');
    await deleteWeb(plane, 'Foreground');
    await plane.clock.advance(1_000);
    assert.deepEqual([(await activePods(plane, 'web')).length, await controllersLeft(plane)], [0, 1]);
    for (const { metadata } of pods)
      await plane.client.delete(Pod, 'default', metadata.name, { gracePeriodSeconds: 0 });
    await plane.clock.runUntil(async () => (await controllersLeft(plane)) === 0, { withinMs: 1_000 });
  }));

test('garbage collector: pods whose owner went while no controller ran are found, a later namesake does not keep them', () =>
  withControlPlane(async (plane) => {
    const controllers = plane.run(startControllers(plane.deps));
    const pods = await webOf(plane, 2);
    await controllers.stop();
    await deleteWeb(plane, 'Background');
    await addController(plane, 'web', 1);
    plane.run(startControllers(plane.deps));
    await plane.clock.advance(1_000);
    const left = await activePods(plane, 'web');
    assert.equal(left.length, 1);
    assert.ok(!pods.some(({ metadata }) => metadata.uid === left[0]?.metadata.uid));
  }));

test('garbage collector: a cache of owners that lags behind costs no pod', () =>
  withControlPlane(
    async (plane) => {
      plane.run(startControllers(plane.deps));
      await plane.clock.advance(10_000);
      const { apiVersion, kind } = ReplicationController;
      const { metadata } = await addController(plane, 'web', 1);
      const ownerReferences = [{ apiVersion, kind, name: 'web', uid: metadata.uid, controller: true }];
      const { uid } = (await addPod(plane, 'early', {}, { labels: { app: 'web' }, ownerReferences })).metadata;
      await plane.clock.advance(60_000);
      assert.deepEqual(
        (await activePods(plane, 'web')).map(({ metadata }) => metadata.uid),
        [uid],
      );
    },
    { through: (inner, clock) => laggingTransport(inner, clock, 'replicationcontrollers', 2_000) },
  ));

test('pod gc: pods of a node that is deleted go, but not before a new node had time to register', () =>
  withControlPlane(async (plane) => {
    plane.run(startControllers(plane.deps));
    await addNode(plane, 'core-01');
    await addPod(plane, 'old', { nodeName: 'core-01' });
    await plane.clock.advance(39_000);
    await heartbeat(plane, 'core-01');
    await addPod(plane, 'early', { nodeName: 'core-02' });
    await addPod(plane, 'lost', { nodeName: 'core-03' });
    await plane.client.delete(Node, '', 'core-01');
    await addNode(plane, 'core-02');
    await plane.clock.advance(2_000);
    const names = async () => (await plane.client.list(Pod)).items.map(({ metadata }) => metadata.name);
    assert.deepEqual(await names(), ['early', 'lost']);
    await plane.clock.advance(39_000);
    assert.deepEqual(await names(), ['early']);
  }));
