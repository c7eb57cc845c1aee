import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Event, Node, Pod } from '../../../src/core/api/kinds/index.ts';
import type { Draft, Stored } from '../../../src/core/api/object.ts';
import { ApiError } from '../../../src/core/api/status.ts';
import { seededRandom } from '../../../src/core/async/random.ts';
import type { Transport } from '../../../src/core/client/transport.ts';
import { startScheduler } from '../../../src/core/scheduler/index.ts';
import { addNode, addPod as addPlainPod, heartbeat } from '../../helpers/cluster-objects.ts';
import { type ControlPlane, faultyTransport, withControlPlane } from '../../helpers/control-plane.ts';

const unlimitedPods = { status: { capacity: { pods: '10000' }, allocatable: { pods: '10000' } } };

/** A pod that asks for so much cpu. */
function addPod(plane: ControlPlane, name: string, spec: Draft<Pod['spec']> = {}, cpu = '100m') {
  const containers = [{ name: 'main', image: 'test', resources: { requests: { cpu } } }];
  return addPlainPod(plane, name, { containers, ...spec });
}

const nodeOf = async ({ client }: ControlPlane, name: string) => (await client.get(Pod, 'default', name)).spec.nodeName;
const conditionOf = async ({ client }: ControlPlane, name: string) =>
  (await client.get(Pod, 'default', name)).status.conditions?.find((c) => c.type === 'PodScheduled');

async function eventsOf({ client }: ControlPlane, name: string): Promise<string[]> {
  const { items } = await client.list(Event, 'default');
  return items.filter((e) => e.involvedObject.name === name).map((e) => `${e.type} ${e.reason}: ${e.message}`);
}

test('scheduler: a pod gets a node, and an event and a condition say so', () =>
  withControlPlane(async (plane) => {
    await addNode(plane, 'core-01');
    plane.run(startScheduler(plane.deps));
    await addPod(plane, 'web');
    await plane.clock.runUntil(() => nodeOf(plane, 'web'), { withinMs: 0 });
    assert.equal(await nodeOf(plane, 'web'), 'core-01');
    assert.equal((await conditionOf(plane, 'web'))?.status, 'True');
    await plane.clock.runUntil(async () => (await eventsOf(plane, 'web')).length > 0);
    assert.deepEqual(await eventsOf(plane, 'web'), ['Normal scheduled: Successfully assigned web to core-01']);
  }));

test('scheduler: a pod that fits nowhere says why, once, and is placed when a node comes that can take it', () =>
  withControlPlane(async (plane) => {
    await addNode(plane, 'core-01', { cpu: '1' });
    plane.run(startScheduler(plane.deps));
    await addPod(plane, 'big', {}, '2');
    await plane.clock.runUntil(() => conditionOf(plane, 'big'));
    const message = 'failed to find fit for pod: big: Node core-01: insufficient cpu (PodFitsResources)';
    const condition = await conditionOf(plane, 'big');
    assert.deepEqual([condition?.status, condition?.reason, condition?.message], ['False', 'Unschedulable', message]);
    const { resourceVersion } = (await plane.client.get(Pod, 'default', 'big')).metadata;

    await plane.client.patch(Node, '', 'core-01', { metadata: { labels: { changed: 'yes' } } });
    await addNode(plane, 'core-02', { cpu: '1' });
    await plane.clock.advance(600_000);
    assert.equal((await plane.client.get(Pod, 'default', 'big')).metadata.resourceVersion, resourceVersion);
    assert.deepEqual(await eventsOf(plane, 'big'), [`Warning failedScheduling: ${message}`]);

    await addNode(plane, 'core-03', { cpu: '4' });
    await plane.clock.runUntil(() => nodeOf(plane, 'big'), { withinMs: 0 });
    assert.equal(await nodeOf(plane, 'big'), 'core-03');
  }));

test('scheduler: a place that a pod leaves goes to the pod that waits longest, and to no more than fit', () =>
  withControlPlane(async (plane) => {
    await addNode(plane, 'core-01', { cpu: '1' });
    plane.run(startScheduler(plane.deps));
    await addPod(plane, 'first', {}, '1');
    await plane.clock.runUntil(() => nodeOf(plane, 'first'));
    for (const name of ['second', 'third', 'fourth']) {
      await addPod(plane, name, {}, '1');
      await plane.clock.runUntil(() => conditionOf(plane, name));
    }
    await plane.client.delete(Pod, 'default', 'first', { gracePeriodSeconds: 0 });
    await plane.clock.runUntil(() => nodeOf(plane, 'second'), { withinMs: 0 });
    assert.deepEqual([await nodeOf(plane, 'third'), await nodeOf(plane, 'fourth')], [undefined, undefined]);
    await plane.client.patch(Pod, 'default', 'second', { status: { phase: 'Succeeded' } }, { subresource: 'status' });
    await plane.clock.runUntil(() => nodeOf(plane, 'third'), { withinMs: 0 });
    assert.equal((await eventsOf(plane, 'fourth')).length, 1);
  }));

test('scheduler: a node that becomes ready or is uncordoned takes the pods that wait', () =>
  withControlPlane(async (plane) => {
    await addNode(plane, 'core-01', { ready: '' });
    plane.run(startScheduler(plane.deps));
    await addPod(plane, 'web');
    await plane.clock.runUntil(() => conditionOf(plane, 'web'));
    assert.match((await conditionOf(plane, 'web'))?.message ?? '', /Node core-01: node is not ready$/);
    await heartbeat(plane, 'core-01');
    await plane.clock.runUntil(() => nodeOf(plane, 'web'), { withinMs: 0 });

    await plane.client.patch(Node, '', 'core-01', { spec: { unschedulable: true } });
    await plane.clock.advance(0);
    await addPod(plane, 'late');
    await plane.clock.runUntil(() => conditionOf(plane, 'late'));
    assert.match((await conditionOf(plane, 'late'))?.message ?? '', /Node core-01: node is unschedulable$/);
    await plane.client.patch(Node, '', 'core-01', { spec: { unschedulable: null } });
    await plane.clock.runUntil(() => nodeOf(plane, 'late'), { withinMs: 0 });
  }));

test('scheduler: pods of another scheduler and pods that are deleted are left alone', () =>
  withControlPlane(async (plane) => {
    await addNode(plane, 'core-01');
    await addPod(plane, 'theirs', { schedulerName: 'mine' });
    await addPod(plane, 'going');
    await plane.client.patch(Pod, 'default', 'going', { metadata: { finalizers: ['example.com/hold'] } });
    await plane.client.delete(Pod, 'default', 'going');
    plane.run(startScheduler(plane.deps));
    await addPod(plane, 'ours');
    await plane.clock.runUntil(() => nodeOf(plane, 'ours'));
    assert.deepEqual([await nodeOf(plane, 'theirs'), await nodeOf(plane, 'going')], [undefined, undefined]);
  }));

test('scheduler: a rejected binding frees the place, says so and is tried again after a second', () => {
  let rejections = 3;
  const through = (inner: Transport): Transport => ({
    ...inner,
    async send(request, signal) {
      if (request.subresource === 'binding' && rejections-- > 0) throw new ApiError('Forbidden', 'not today');
      return inner.send(request, signal);
    },
  });
  return withControlPlane(
    async (plane) => {
      await addNode(plane, 'core-01', { cpu: '1' });
      plane.run(startScheduler(plane.deps));
      await addPod(plane, 'web', {}, '1');
      const startedAt = plane.clock.now();
      await plane.clock.runUntil(() => nodeOf(plane, 'web'), { withinMs: 10_000 });
      const tookMs = plane.clock.now() - startedAt;
      assert.ok(tookMs >= 5_000 && tookMs <= 7_000, `1 + 2 + 4 seconds less jitter: ${tookMs}`);
      assert.ok((await eventsOf(plane, 'web')).includes('Warning failedScheduling: Binding rejected: not today'));
    },
    { through },
  );
});

test('scheduler: a binding whose answer says yes but that never shows is given up after 30 seconds', () => {
  let lost = 1;
  const through = (inner: Transport): Transport => ({
    ...inner,
    async send(request, signal) {
      if (request.subresource === 'binding' && lost-- > 0) return {};
      return inner.send(request, signal);
    },
  });
  return withControlPlane(
    async (plane) => {
      await addNode(plane, 'core-01', { cpu: '1' });
      plane.run(startScheduler(plane.deps));
      await addPod(plane, 'web', {}, '1');
      const startedAt = plane.clock.now();
      await plane.clock.runUntil(() => nodeOf(plane, 'web'), { withinMs: 60_000 });
      assert.equal(plane.clock.now() - startedAt, 30_000);
    },
    { through },
  );
});

test('scheduler: only so many bindings wait for their answer, the rest follows', () => {
  let [sent, open] = [0, () => {}];
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const through = (inner: Transport): Transport => ({
    ...inner,
    async send(request, signal) {
      if (request.subresource === 'binding' && ++sent) await gate;
      return inner.send(request, signal);
    },
  });
  return withControlPlane(
    async (plane) => {
      await addNode(plane, 'core-01', { cpu: '4000' });
      await plane.client.patch(Node, '', 'core-01', unlimitedPods, { subresource: 'status' });
      await Promise.all(Array.from({ length: 1_100 }, (_, i) => addPod(plane, `p${i}`)));
      plane.run(startScheduler(plane.deps));
      await plane.clock.advance(0);
      assert.equal(sent, 1_024);
      open();
      const bound = async () => (await plane.client.list(Pod)).items.every(({ spec }) => spec.nodeName);
      await plane.clock.runUntil(bound, { withinMs: 0 });
    },
    { through },
  );
});

test('scheduler: stop waits for the bindings that are on their way', () =>
  withControlPlane(async (plane) => {
    await addNode(plane, 'core-01');
    const scheduler = startScheduler(plane.deps);
    await addPod(plane, 'web');
    await plane.clock.advance(0);
    await scheduler.stop();
    await scheduler.stop();
    assert.equal(await nodeOf(plane, 'web'), 'core-01');
    await addPod(plane, 'late');
    await plane.clock.advance(60_000);
    assert.equal(await nodeOf(plane, 'late'), undefined);
  }));

/** Sums over what the server has. */
function assertNotOvercommitted(pods: readonly Stored<Pod>[], cpuMillis: number): void {
  const used = new Map<string, number>();
  for (const { spec } of pods) {
    if (!spec.nodeName) continue;
    const cpu = spec.containers[0]?.resources.requests?.['cpu'] ?? '0m';
    used.set(spec.nodeName, (used.get(spec.nodeName) ?? 0) + Number.parseInt(cpu, 10));
  }
  for (const [node, millis] of used) assert.ok(millis <= cpuMillis, `${node} has ${millis} of ${cpuMillis}`);
}

type Op = { does: 'create' | 'burst' | 'delete' | 'cordon' | 'uncordon' | 'wait'; n: number };
const op = fc.record<Op>({
  does: fc.constantFrom('create', 'create', 'burst', 'delete', 'cordon', 'uncordon', 'wait'),
  n: fc.integer({ min: 0, max: 11 }),
});

test('scheduler: whatever fails, nothing is bound twice or overcommitted, and what fits is placed in the end', () =>
  fc.assert(
    fc.asyncProperty(fc.array(op, { maxLength: 25 }), fc.integer({ min: 1, max: 1e6 }), async (ops, seed) => {
      const faults = { rate: 0.3 };
      const bound = new Map<string, string>();
      const through = (inner: Transport): Transport =>
        faultyTransport(watching(inner, bound), seededRandom(seed), faults);
      await withControlPlane(
        async (plane) => {
          for (const name of ['n0', 'n1', 'n2']) await addNode(plane, name, { cpu: '1' });
          plane.run(startScheduler(plane.deps));
          const check = async () => {
            const { items } = await plane.client.list(Pod, 'default');
            assertNotOvercommitted(items, 1000);
            return items;
          };
          for (const { does, n } of ops) {
            await act(plane, does, n);
            await check();
          }
          faults.rate = 0;
          for (const name of ['n0', 'n1', 'n2']) await act(plane, 'uncordon', Number(name[1]));
          await plane.clock.advance(240_000);
          const pods = await check();
          const waiting = pods.filter(({ spec }) => !spec.nodeName);
          const free = new Map(['n0', 'n1', 'n2'].map((name) => [name, 1000]));
          for (const { spec } of pods) if (spec.nodeName) free.set(spec.nodeName, free.get(spec.nodeName)! - 300);
          if (waiting.length > 0)
            assert.ok(
              [...free.values()].every((millis) => millis < 300),
              'a pod waits beside a free place',
            );
        },
        { through, seed },
      );
    }),
    { numRuns: 25 },
  ));

/** Fails the test when the server takes a second binding of one pod. */
function watching(inner: Transport, bound: Map<string, string>): Transport {
  return {
    ...inner,
    async send(request, signal) {
      const answer = await inner.send(request, signal);
      if (request.subresource !== 'binding') return answer;
      const pod = await inner.send({ verb: 'get', kind: Pod, namespace: request.namespace, name: request.name });
      const { uid } = (pod as Stored<Pod>).metadata;
      assert.ok(!bound.has(uid), `${request.name} was bound twice`);
      bound.set(uid, request.name ?? '');
      return answer;
    },
  };
}

async function act(plane: ControlPlane, does: Op['does'], n: number): Promise<void> {
  const ignore = () => {};
  const name = `p${n}`;
  if (does === 'create') await addPod(plane, name, {}, '300m').catch(ignore);
  else if (does === 'burst') {
    // All in one turn, so that the scheduler decides on them before it sees its first binding confirmed.
    const names = Array.from({ length: 6 }, (_, i) => `b${n}-${i}`);
    await Promise.all(names.map((one) => addPod(plane, one, {}, '300m').catch(ignore)));
  } else if (does === 'delete')
    await plane.client.delete(Pod, 'default', name, { gracePeriodSeconds: 0 }).catch(ignore);
  else if (does === 'wait') await plane.clock.advance(n * 500);
  else await plane.client.patch(Node, '', `n${n % 3}`, { spec: { unschedulable: does === 'cordon' || null } });
  await plane.clock.advance(0);
}
