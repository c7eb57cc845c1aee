import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Event, Pod, ReplicationController } from '../../../src/core/api/kinds/index.ts';
import { ApiError, isNotFound } from '../../../src/core/api/status.ts';
import { seededRandom } from '../../../src/core/async/random.ts';
import type { Transport } from '../../../src/core/client/transport.ts';
import { startControllers } from '../../../src/core/controllers/index.ts';
import { activePods, addController, addNode, addPod, makeReady } from '../../helpers/cluster-objects.ts';
import { type ControlPlane, faultyTransport, laggingTransport, withControlPlane } from '../../helpers/control-plane.ts';

const settled = (plane: ControlPlane, app: string, n: number) =>
  plane.clock.runUntil(async () => (await activePods(plane, app)).length === n, { withinMs: 1_000 });
const statusOf = async ({ client }: ControlPlane, name: string) =>
  (await client.get(ReplicationController, 'default', name)).status;
const resize = ({ client }: ControlPlane, name: string, replicas: number) =>
  client.patch(ReplicationController, 'default', name, { spec: { replicas } });

test('replication: pods are created from the template, owned, and told of', () =>
  withControlPlane(async (plane) => {
    plane.run(startControllers(plane.deps));
    const rc = await addController(plane, 'web', 3);
    await settled(plane, 'web', 3);
    for (const { metadata, spec } of await activePods(plane, 'web')) {
      assert.match(metadata.name, /^web-[a-z0-9]{5}$/);
      assert.deepEqual(metadata.labels, { app: 'web' });
      const [owner] = metadata.ownerReferences ?? [];
      assert.deepEqual(
        [owner?.kind, owner?.name, owner?.uid, owner?.controller],
        ['ReplicationController', 'web', rc.metadata.uid, true],
      );
      assert.equal(spec.containers[0]?.image, 'test');
    }
    await plane.clock.runUntil(async () => (await plane.client.list(Event, 'default')).items.length === 3);
    for (const { reason, message } of (await plane.client.list(Event, 'default')).items) {
      assert.equal(reason, 'successfulCreate');
      assert.match(message ?? '', /^Created pod: web-/);
    }
  }));

test('replication: the status follows the pods', () =>
  withControlPlane(async (plane) => {
    plane.run(startControllers(plane.deps));
    await addController(plane, 'web', 2, { minReadySeconds: 30 });
    await settled(plane, 'web', 2);
    const [first] = await activePods(plane, 'web');
    await makeReady(plane, first!, '10.1.0.1');
    await plane.clock.runUntil(async () => (await statusOf(plane, 'web')).readyReplicas === 1);
    const expected = {
      replicas: 2,
      fullyLabeledReplicas: 2,
      readyReplicas: 1,
      availableReplicas: 0,
      observedGeneration: 1,
    };
    assert.deepEqual({ availableReplicas: 0, ...(await statusOf(plane, 'web')) }, expected);
    await plane.clock.advance(30_000);
    assert.equal((await statusOf(plane, 'web')).availableReplicas, 1);
  }));

test('replication: deleted and failed pods are replaced, and a resize works both ways', () =>
  withControlPlane(async (plane) => {
    plane.run(startControllers(plane.deps));
    await addController(plane, 'web', 2);
    await settled(plane, 'web', 2);
    const [first, second] = await activePods(plane, 'web');
    await plane.client.delete(Pod, 'default', first!.metadata.name);
    await plane.client.patch(
      Pod,
      'default',
      second!.metadata.name,
      { status: { phase: 'Failed' } },
      { subresource: 'status' },
    );
    await settled(plane, 'web', 2);
    await resize(plane, 'web', 20);
    await settled(plane, 'web', 20);
    await resize(plane, 'web', 0);
    await settled(plane, 'web', 0);
    await plane.clock.runUntil(async () => (await statusOf(plane, 'web')).replicas === 0);
  }));

test('replication: thousands of pods are made exactly', () =>
  withControlPlane(async (plane) => {
    plane.run(startControllers(plane.deps));
    await addController(plane, 'web', 1_201);
    await settled(plane, 'web', 1_201);
    await plane.clock.advance(60_000);
    assert.equal((await activePods(plane, 'web')).length, 1_201);
  }));

test('replication: a cache that lags behind makes no pod twice', () =>
  withControlPlane(
    async (plane) => {
      plane.run(startControllers(plane.deps));
      await addController(plane, 'web', 5);
      await plane.clock.advance(3_000);
      await resize(plane, 'web', 8);
      await plane.clock.advance(60_000);
      await resize(plane, 'web', 2);
      await plane.clock.advance(60_000);
      const { items } = await plane.client.list(Event, 'default');
      const counted = (reason: string) => items.filter((event) => event.reason === reason).length;
      assert.deepEqual([counted('successfulCreate'), counted('successfulDelete')], [8, 6]);
    },
    { through: (inner, clock) => laggingTransport(inner, clock, 'pods', 700) },
  ));

test('replication: pods that take long to end do not hold up the next resize', () =>
  withControlPlane(async (plane) => {
    plane.run(startControllers(plane.deps));
    await addNode(plane, 'core-01');
    await addController(plane, 'web', 2);
    await settled(plane, 'web', 2);
    for (const { metadata } of await activePods(plane, 'web')) {
      await plane.client.bind(Pod, 'default', metadata.name, 'core-01');
    }
    await resize(plane, 'web', 0);
    await settled(plane, 'web', 0);
    assert.equal((await plane.client.list(Pod)).items.length, 2);
    await resize(plane, 'web', 3);
    await settled(plane, 'web', 3);
  }));

test('replication: a pod that matches is adopted, one that leaves the selector is released and replaced', () =>
  withControlPlane(async (plane) => {
    await addPod(plane, 'stray', {}, { labels: { app: 'web' } });
    plane.run(startControllers(plane.deps));
    await addController(plane, 'web', 2);
    await settled(plane, 'web', 2);
    await plane.clock.advance(0);
    const owner = async () => (await plane.client.get(Pod, 'default', 'stray')).metadata.ownerReferences?.[0]?.name;
    assert.equal(await owner(), 'web');
    await plane.client.patch(Pod, 'default', 'stray', { metadata: { labels: { app: 'debug' } } });
    await settled(plane, 'web', 2);
    await plane.clock.advance(0);
    assert.equal(await owner(), undefined);
    assert.equal((await activePods(plane, 'debug')).length, 1);
  }));

test('replication: two controllers with one selector do not fight', () =>
  withControlPlane(async (plane) => {
    plane.run(startControllers(plane.deps));
    const labels = { app: 'same' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'test' }] } };
    await addController(plane, 'a', 2, { selector: labels, template });
    await addController(plane, 'b', 3, { selector: labels, template });
    await settled(plane, 'same', 5);
    const names = (await activePods(plane, 'same')).map(({ metadata }) => metadata.name);
    await plane.clock.advance(120_000);
    assert.deepEqual(
      (await activePods(plane, 'same')).map(({ metadata }) => metadata.name),
      names,
    );
  }));

test('replication: what the server refuses is told and tried again later, one pod at a time', () => {
  let [refuse, tries] = [true, 0];
  const through = (inner: Transport): Transport => ({
    ...inner,
    async send(request, signal) {
      if (request.kind === Pod && request.verb === 'create') {
        tries++;
        if (refuse) throw new ApiError('Forbidden', 'quota');
      }
      return inner.send(request, signal);
    },
  });
  return withControlPlane(
    async (plane) => {
      plane.run(startControllers(plane.deps));
      await addController(plane, 'web', 100);
      await plane.clock.advance(1_000);
      assert.ok(tries > 1 && tries < 15, `tried ${tries} times in a second`);
      const { items } = await plane.client.list(Event, 'default');
      assert.deepEqual(
        items.map(({ type, reason, message }) => [type, reason, message]),
        [['Warning', 'failedCreate', 'Error creating: quota']],
      );
      refuse = false;
      await plane.clock.runUntil(async () => (await activePods(plane, 'web')).length === 100, { withinMs: 60_000 });
    },
    { through },
  );
});

type Op = { does: 'resize' | 'delete' | 'fail' | 'relabel' | 'stray' | 'restart' | 'wait'; n: number };
const op = fc.record<Op>({
  does: fc.constantFrom('resize', 'resize', 'delete', 'fail', 'relabel', 'stray', 'restart', 'wait'),
  n: fc.integer({ min: 0, max: 7 }),
});

test('replication: from any state and through any failures the right number of pods remains', () =>
  fc.assert(
    fc.asyncProperty(fc.array(op, { maxLength: 20 }), fc.integer({ min: 1, max: 1e6 }), async (ops, seed) => {
      const faults = { rate: 0.25 };
      const through = (inner: Transport) => faultyTransport(inner, seededRandom(seed), faults);
      await withControlPlane(
        async (plane) => {
          let controllers = plane.run(startControllers(plane.deps));
          let wanted = 3;
          await addController(plane, 'web', wanted);
          for (const { does, n } of ops) {
            const active = await activePods(plane, 'web');
            const victim = active[n % Math.max(1, active.length)]?.metadata.name;
            if (does === 'resize') {
              wanted = n;
              await resize(plane, 'web', n);
            } else if (does === 'restart') {
              await controllers.stop();
              controllers = plane.run(startControllers(plane.deps));
            } else if (does === 'stray') {
              await addPod(plane, `stray-${n}`, {}, { labels: { app: 'web' } }).catch(() => {});
            } else if (does === 'wait') await plane.clock.advance(n * 300);
            // The controller may have deleted it meanwhile.
            else if (victim) await hurt(plane, victim, does).catch((error) => assert.ok(isNotFound(error), error));
            if (n % 2) await plane.clock.advance(0);
          }
          faults.rate = 0;
          await plane.clock.advance(240_000);
          const active = await activePods(plane, 'web');
          assert.equal(active.length, wanted);
          const { uid } = (await plane.client.get(ReplicationController, 'default', 'web')).metadata;
          assert.ok(active.every(({ metadata }) => metadata.ownerReferences?.[0]?.uid === uid));
          assert.equal((await statusOf(plane, 'web')).replicas, wanted);
        },
        { through, seed },
      );
    }),
    { numRuns: 25 },
  ));

async function hurt({ client }: ControlPlane, name: string, how: Op['does']): Promise<void> {
  if (how === 'delete') await client.delete(Pod, 'default', name);
  else if (how === 'fail')
    await client.patch(Pod, 'default', name, { status: { phase: 'Failed' } }, { subresource: 'status' });
  else if (how === 'relabel') await client.patch(Pod, 'default', name, { metadata: { labels: { app: 'debug' } } });
}
