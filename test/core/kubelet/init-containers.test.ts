import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withMachine } from './harness.ts';

const named = (...names: string[]) => names.map((name) => ({ name, image: name }));

test('init containers run one after the other, then the others', () =>
  withMachine(async (m) => {
    await m.create('web', { initContainers: named('one', 'two') });
    const first = await m.until('web', (p) => p.status.initContainerStatuses?.[0]?.state.running);
    assert.equal(first.status.phase, 'Pending');
    assert.equal(first.status.containerStatuses?.[0]?.state.waiting?.reason, 'PodInitializing');
    assert.equal(first.status.conditions?.find((c) => c.type === 'Initialized')?.status, 'False');
    m.runtime.exitContainer((await m.instance('web', 'one')).id, 0);
    await m.until('web', (p) => p.status.initContainerStatuses?.[1]?.state.running);
    m.runtime.exitContainer((await m.instance('web', 'two')).id, 0);
    const pod = await m.running('web');

    assert.deepEqual(m.deeds, ['runSandbox web', 'startContainer one', 'startContainer two', 'startContainer main']);
    assert.equal(pod.status.conditions?.find((c) => c.type === 'Initialized')?.status, 'True');
    // Their ends are no reason to run them again.
    await m.restart();
    await m.plane.clock.advance(60_000);
    assert.equal(m.deeds.length, 4);
  }));

test('an init container that fails is tried again with back-off', () =>
  withMachine(async (m) => {
    await m.create('web', { initContainers: named('one') });
    for (let i = 0; i < 3; i++) {
      await m.until('web', (p) => p.status.initContainerStatuses?.[0]?.state.running);
      m.runtime.exitContainer((await m.instance('web', 'one')).id, 1);
    }
    const pod = await m.until('web', (p) => p.status.initContainerStatuses?.[0]?.state.waiting);
    assert.equal(pod.status.initContainerStatuses?.[0]?.state.waiting?.reason, 'CrashLoopBackOff');
    assert.equal(pod.status.phase, 'Pending');
  }));

test('under Never it fails the pod', () =>
  withMachine(async (m) => {
    await m.create('web', { initContainers: named('one'), restartPolicy: 'Never' });
    await m.until('web', (p) => p.status.initContainerStatuses?.[0]?.state.running);
    m.runtime.exitContainer((await m.instance('web', 'one')).id, 1);
    await m.until('web', (p) => p.status.phase === 'Failed');
    assert.ok(!m.deeds.includes('startContainer main'));
  }));

test('a new sandbox initialises anew', () =>
  withMachine(async (m) => {
    await m.create('web', { initContainers: named('one') });
    await m.until('web', (p) => p.status.initContainerStatuses?.[0]?.state.running);
    m.runtime.exitContainer((await m.instance('web', 'one')).id, 0);
    await m.running('web');
    m.runtime.stopAll();
    await m.until('web', (p) => p.status.initContainerStatuses?.[0]?.state.running);
    m.runtime.exitContainer((await m.instance('web', 'one')).id, 0);
    const pod = await m.until('web', (p) => p.status.containerStatuses?.[0]?.state.running);
    assert.equal(pod.status.containerStatuses?.[0]?.restartCount, 1);
    assert.equal(pod.status.initContainerStatuses?.[0]?.restartCount, 1);
  }));

test('a sidecar runs beside the others, is restarted, and does not keep a job from ending', () =>
  withMachine(async (m) => {
    const initContainers = [{ name: 'proxy', image: 'proxy', restartPolicy: 'Always' as const }];
    await m.create('job', { initContainers, restartPolicy: 'Never' });
    await m.running('job');
    assert.deepEqual(m.deeds, ['runSandbox job', 'startContainer proxy', 'startContainer main']);
    m.runtime.exitContainer((await m.instance('job', 'proxy')).id, 1);
    await m.until('job', (p) => p.status.initContainerStatuses?.[0]?.restartCount === 1);
    m.runtime.exitContainer((await m.instance('job')).id, 0);
    await m.until('job', (p) => p.status.phase === 'Succeeded');
    await m.plane.clock.runUntil(async () => (await m.instance('job', 'proxy')).state === 'exited');
  }));
