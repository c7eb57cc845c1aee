import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Endpoints,
  Event,
  Namespace,
  Pod,
  ReplicationController,
  Secret,
  Service,
} from '../../../src/core/api/kinds/index.ts';
import { isNotFound } from '../../../src/core/api/status.ts';
import { startControllers } from '../../../src/core/controllers/index.ts';
import { addNode, addPod } from '../../helpers/cluster-objects.ts';
import { type ControlPlane, withControlPlane } from '../../helpers/control-plane.ts';

const exists = ({ client }: ControlPlane) =>
  client.get(Namespace, '', 'team').then(
    () => true,
    (error: unknown) => {
      if (isNotFound(error)) return false;
      throw error;
    },
  );
const isGone = (plane: ControlPlane) => plane.clock.runUntil(async () => !(await exists(plane)), { withinMs: 1_000 });

async function fill({ client }: ControlPlane): Promise<void> {
  const metadata = { name: 'x', namespace: 'team' };
  const labels = { app: 'x' };
  await client.create(Namespace, { metadata: { name: 'team' } });
  await client.create(Secret, { metadata, data: { key: 'dmFsdWU=' } });
  await client.create(Service, { metadata, spec: { selector: labels, ports: [{ port: 80 }] } });
  await client.create(Service, { metadata: { ...metadata, name: 'by-hand' }, spec: { ports: [{ port: 80 }] } });
  const subsets = [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80 }] }];
  await client.create(Endpoints, { metadata: { ...metadata, name: 'by-hand' }, subsets });
  const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'test' }] } };
  await client.create(ReplicationController, { metadata, spec: { replicas: 3, selector: labels, template } });
}

test('namespaces: one that is deleted is emptied and goes, and nothing of it is left', () =>
  withControlPlane(async (plane) => {
    plane.run(startControllers(plane.deps));
    await fill(plane);
    await plane.clock.runUntil(async () => (await plane.client.list(Pod, 'team')).items.length === 3);
    await plane.client.delete(Namespace, '', 'team');
    await isGone(plane);
    for (const kind of [Secret, Service, Endpoints, ReplicationController, Pod, Event]) {
      const { items } = await plane.client.list(kind as typeof Pod, 'team');
      assert.deepEqual(items, [], kind.plural);
    }
  }));

test('namespaces: it waits for pods that are ending, however long', () =>
  withControlPlane(async (plane) => {
    plane.run(startControllers(plane.deps));
    await addNode(plane, 'core-01');
    await fill(plane);
    await addPod(plane, 'slow', { nodeName: 'core-01' }, { namespace: 'team' });
    await plane.client.delete(Namespace, '', 'team');
    await plane.clock.advance(20_000);
    assert.ok(await exists(plane));
    const { status } = await plane.client.get(Namespace, '', 'team');
    assert.equal(status.phase, 'Terminating');
    assert.deepEqual(
      (await plane.client.list(Pod, 'team')).items.map(({ metadata }) => metadata.name),
      ['slow'],
    );
    await plane.client.delete(Pod, 'team', 'slow', { gracePeriodSeconds: 0 });
    await isGone(plane);
  }));

test('namespaces: it does not go while something in it holds on', () =>
  withControlPlane(async (plane) => {
    plane.run(startControllers(plane.deps));
    await fill(plane);
    await plane.client.patch(Secret, 'team', 'x', { metadata: { finalizers: ['example.com/hold'] } });
    await plane.client.delete(Namespace, '', 'team');
    await plane.clock.advance(60_000);
    assert.ok(await exists(plane));
    await plane.client.patch(Secret, 'team', 'x', { metadata: { finalizers: null } });
    await plane.clock.runUntil(async () => !(await exists(plane)), { withinMs: 60_000 });
  }));

test('namespaces: one that was deleted while no controller ran is emptied by the next', () =>
  withControlPlane(async (plane) => {
    await fill(plane);
    await plane.client.delete(Namespace, '', 'team');
    plane.run(startControllers(plane.deps));
    await isGone(plane);
  }));
