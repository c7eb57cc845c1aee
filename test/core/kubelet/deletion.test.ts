import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '../../../src/core/api/kinds/index.ts';
import { withMachine } from './harness.ts';

test('a deleted pod is stopped within its grace, removed, and only then forgotten by the API', () =>
  withMachine(async (m) => {
    await m.create('web', { terminationGracePeriodSeconds: 7 });
    await m.running('web');
    await m.plane.client.delete(Pod, 'default', 'web');
    await m.gone('web');

    assert.deepEqual(m.deeds.slice(2), ['stopContainer 7', 'removeSandbox']);
    assert.equal(await m.observed('web'), undefined);
    assert.ok((await m.events()).includes('killing: Stopping container main'));
  }));

test('a pod that was never started is deleted as well', () =>
  withMachine(async (m) => {
    m.runtime.lackImage('app:1', { pullable: false });
    await m.create('web');
    await m.until('web', (p) => p.status.containerStatuses?.[0]?.state.waiting);
    await m.plane.client.delete(Pod, 'default', 'web');
    await m.gone('web');
    assert.equal(await m.observed('web'), undefined);
  }));

test('the preStop hook comes before the signal and takes from the grace', () =>
  withMachine(async (m) => {
    const lifecycle = { preStop: { sleep: { seconds: 5 } } };
    await m.create('web', {
      terminationGracePeriodSeconds: 20,
      containers: [{ name: 'main', image: 'app:1', lifecycle }],
    });
    await m.running('web');
    const before = m.plane.clock.now();
    await m.plane.client.delete(Pod, 'default', 'web');
    await m.gone('web');
    assert.ok(m.plane.clock.now() - before >= 5_000);
    assert.ok(m.deeds.includes('stopContainer 15'));
  }));

test('sidecars end after the containers they serve, the last one started first', () =>
  withMachine(async (m) => {
    const sidecar = (name: string) => ({ name, image: name, restartPolicy: 'Always' as const });
    await m.create('web', { initContainers: [sidecar('one'), sidecar('two')] });
    await m.running('web');
    const ended: string[] = [];
    m.runtime.subscribe(async ({ type, containerId }) => {
      const pod = (await m.runtime.listPods()).find((p) => p.containers.some((c) => c.id === containerId));
      if (type === 'died') ended.push(pod?.containers.find((c) => c.id === containerId)?.name ?? 'sandbox');
    });
    await m.plane.client.delete(Pod, 'default', 'web');
    await m.gone('web');
    assert.deepEqual(ended.slice(0, 3), ['main', 'two', 'one']);
  }));

test('an engine that cannot stop a container is asked again, not in a loop', () =>
  withMachine(async (m) => {
    await m.create('web');
    await m.running('web');
    m.runtime.failCall('stopContainer', 1);
    await m.plane.client.delete(Pod, 'default', 'web');
    await m.plane.clock.advance(4_000);
    assert.equal(m.deeds.filter((d) => d.startsWith('stopContainer')).length, 1);
    await m.gone('web');
  }));
