import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '../../../src/core/api/kinds/index.ts';
import type { Transport } from '../../../src/core/client/transport.ts';
import { ServerUnreachableError } from '../../../src/core/client/unreachable.ts';
import { withMachine } from './harness.ts';

/** A way to the API server that can be cut. */
class Cable {
  cut = false;
  readonly #watches = new Set<AbortController>();

  set(cut: boolean): void {
    this.cut = cut;
    if (cut) for (const watch of this.#watches) watch.abort();
  }

  through = (inner: Transport): Transport => ({
    ...inner,
    send: async (request, signal) => {
      if (this.cut) throw new ServerUnreachableError('http://127.0.0.1:8080', new Error('cut'));
      return inner.send(request, signal);
    },
    watch: (request, signal) => {
      const watch = new AbortController();
      this.#watches.add(watch);
      signal.addEventListener('abort', () => watch.abort());
      return inner.watch(request, watch.signal);
    },
  });
}

test('a kubelet that comes back adopts what runs: no deed, no write', () =>
  withMachine(async (m) => {
    await m.create('web');
    await m.create('job', { restartPolicy: 'Never' });
    const before = await m.running('web');
    await m.running('job');
    m.runtime.exitContainer((await m.instance('job')).id, 0);
    const job = await m.until('job', (p) => p.status.phase === 'Succeeded');
    await m.plane.clock.advance(1_000);
    const deeds = m.deeds.length;

    await m.restart();
    await m.plane.clock.advance(120_000);

    assert.equal(m.deeds.length, deeds);
    assert.equal((await m.pod('web')).metadata.resourceVersion, before.metadata.resourceVersion);
    assert.equal((await m.pod('job')).metadata.resourceVersion, job.metadata.resourceVersion);
  }));

test('restarts and back-off go on where they were', () =>
  withMachine(async (m) => {
    await m.create('web');
    await m.running('web');
    m.runtime.exitContainer((await m.instance('web')).id, 1);
    await m.until('web', (p) => p.status.containerStatuses?.[0]?.restartCount === 1);
    m.runtime.exitContainer((await m.instance('web')).id, 1);
    await m.until('web', (p) => p.status.containerStatuses?.[0]?.state.waiting);

    await m.restart();
    const { clock } = m.plane;
    const since = clock.now();
    await m.until('web', (p) => p.status.containerStatuses?.[0]?.restartCount === 2);
    assert.ok(clock.now() - since >= 9_000 && clock.now() - since <= 11_000);
  }));

test('what ended while no kubelet was there is seen when it is back', () =>
  withMachine(async (m) => {
    await m.create('web');
    await m.running('web');
    await m.stopKubelet();
    m.runtime.exitContainer((await m.instance('web')).id, 1);
    m.startKubelet();
    await m.until('web', (p) => p.status.containerStatuses?.[0]?.restartCount === 1);
  }));

test('a pod that was deleted meanwhile is removed after the first list', () =>
  withMachine(async (m) => {
    await m.create('web');
    await m.running('web');
    await m.stopKubelet();
    await m.plane.client.delete(Pod, 'default', 'web', { gracePeriodSeconds: 0 });
    m.startKubelet();
    await m.plane.clock.runUntil(async () => !(await m.observed('web')));
    assert.ok(m.deeds.includes('stopContainer 10'));
  }));

test('a pod made anew under the same name runs, and the old one goes', () =>
  withMachine(async (m) => {
    await m.create('web');
    const old = await m.running('web');
    await m.plane.client.delete(Pod, 'default', 'web', { gracePeriodSeconds: 0 });
    await m.create('web');
    const young = await m.running('web');
    assert.notEqual(young.metadata.uid, old.metadata.uid);
    await m.plane.clock.runUntil(async () => (await m.runtime.listPods()).length === 1);
    assert.equal((await m.runtime.listPods())[0]!.identity.uid, young.metadata.uid);
  }));

test('when the engine comes back its pods do too, by their restart policy', () =>
  withMachine(async (m) => {
    await m.create('web');
    await m.create('once', { restartPolicy: 'Never' });
    await m.running('web');
    await m.running('once');
    m.runtime.setGone(true);
    await m.plane.clock.runUntil(async () => {
      const ready = (await m.node()).status.conditions?.find((c) => c.type === 'Ready');
      return ready?.status === 'False' && ready.message === 'container runtime is down';
    });
    await m.plane.clock.advance(60_000);
    assert.equal((await m.pod('web')).status.containerStatuses?.[0]?.restartCount, 0, 'nothing is decided meanwhile');

    m.runtime.stopAll();
    m.runtime.setGone(false);
    await m.until('web', (p) => p.status.containerStatuses?.[0]?.restartCount === 1);
    await m.until('once', (p) => p.status.phase === 'Failed');
    await m.plane.clock.runUntil(async () =>
      (await m.node()).status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True'),
    );
  }));

test('an engine that is away at the start is waited for', () =>
  withMachine(async (m) => {
    await m.stopKubelet();
    m.runtime.setGone(true);
    m.startKubelet();
    await m.create('web');
    await m.plane.clock.advance(30_000);
    assert.equal((await m.pod('web')).status.phase, 'Pending');
    m.runtime.setGone(false);
    await m.running('web');
  }));

test('without an API server pods live on, restarts included, and nothing is removed', async () => {
  const cable = new Cable();
  await withMachine(
    async (m) => {
      const { clock } = m.plane;
      await m.create('web');
      await m.running('web');
      cable.set(true);
      m.runtime.exitContainer((await m.instance('web')).id, 1);
      await clock.advance(10 * 60_000);
      assert.deepEqual(m.deeds, ['runSandbox web', 'startContainer main', 'startContainer main']);

      // Not even by a kubelet that has never seen the pod.
      await m.restart();
      await clock.advance(10 * 60_000);
      assert.equal(m.deeds.length, 3);
      assert.equal((await m.instance('web')).state, 'running');

      cable.set(false);
      await m.until('web', (p) => p.status.containerStatuses?.[0]?.restartCount === 1);
      assert.equal(m.deeds.length, 3);
    },
    { plane: { through: cable.through } },
  );
});
