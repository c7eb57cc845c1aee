import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '../../../src/core/api/kinds/index.ts';
import { type Machine, withMachine } from './harness.ts';

/** Ends the container each time it runs; answers how long it then took to run again. */
async function crash(m: Machine, name: string, times: number): Promise<number[]> {
  const { clock } = m.plane;
  const waits: number[] = [];
  for (let i = 0; i < times; i++) {
    const { id } = await m.instance(name);
    m.runtime.exitContainer(id, 1);
    const endedAt = clock.now();
    await clock.runUntil(async () => {
      const next = await m.instance(name);
      return next.id !== id && next.state === 'running';
    });
    waits.push(Math.round((clock.now() - endedAt) / 1000));
  }
  return waits;
}

test('a container that keeps crashing is started at once, then after 10, 20, 40 … 300 s', () =>
  withMachine(async (m) => {
    await m.create('web');
    await m.running('web');

    assert.deepEqual(await crash(m, 'web', 9), [0, 10, 20, 40, 80, 160, 300, 300, 300]);
    const pod = await m.until('web', (p) => p.status.containerStatuses?.[0]?.state.running);
    assert.equal(pod.status.containerStatuses?.[0]?.restartCount, 9);
    assert.equal(pod.status.phase, 'Running');
  }));

test('while it waits the container is in CrashLoopBackOff, and its last end is told', () =>
  withMachine(async (m) => {
    await m.create('web');
    await m.running('web');
    await crash(m, 'web', 1);
    m.runtime.exitContainer((await m.instance('web')).id, 3);

    const pod = await m.until('web', (p) => p.status.containerStatuses?.[0]?.state.waiting);
    const [status] = pod.status.containerStatuses!;
    assert.deepEqual(status!.state.waiting, {
      reason: 'CrashLoopBackOff',
      message: `back-off 10s restarting failed container=main pod=web_default(${pod.metadata.uid})`,
    });
    assert.equal(status!.lastState.terminated?.exitCode, 3);
    assert.equal(status!.lastState.terminated?.reason, 'Error');
    assert.equal(status!.ready, false);
    assert.equal(pod.status.phase, 'Running');
    assert.ok((await m.events()).some((e) => e.startsWith('backOff: Back-off restarting failed container main')));
  }));

test('ten minutes of running make the next crash a first one', () =>
  withMachine(async (m) => {
    await m.create('web');
    await m.running('web');
    await crash(m, 'web', 3);
    await m.plane.clock.advance(600_000);
    assert.deepEqual(await crash(m, 'web', 2), [0, 10]);
  }));

test('OnFailure restarts after a failure and lets a success be', () =>
  withMachine(async (m) => {
    await m.create('job', { restartPolicy: 'OnFailure' });
    await m.running('job');
    await crash(m, 'job', 1);
    m.runtime.exitContainer((await m.instance('job')).id, 0);

    const pod = await m.until('job', ({ status }) => status.phase === 'Succeeded');
    const [status] = pod.status.containerStatuses!;
    assert.equal(status!.state.terminated?.reason, 'Completed');
    assert.equal(status!.restartCount, 1);
    assert.equal(pod.status.conditions?.find((c) => c.type === 'Ready')?.reason, 'PodCompleted');
  }));

test('Never leaves it ended: the pod has failed, its sandbox goes, its log stays', () =>
  withMachine(async (m) => {
    await m.create('once', { restartPolicy: 'Never' });
    await m.running('once');
    const { id } = await m.instance('once');
    m.runtime.writeLog(id, 'last words');
    m.runtime.exitContainer(id, 2);

    await m.until('once', ({ status }) => status.phase === 'Failed');
    await m.plane.clock.runUntil(async () => (await m.observed('once'))?.sandboxes[0]?.state === 'exited');
    assert.equal(await m.log('once', { tailLines: 1 }), 'last words\n');
    assert.equal((await m.pod('once')).status.podIP, '10.244.1.2');
  }));

test('of two containers the one that ended under Never does not come back, and the pod runs on', () =>
  withMachine(async (m) => {
    const containers = [
      { name: 'a', image: 'a' },
      { name: 'b', image: 'b' },
    ];
    await m.create('two', { restartPolicy: 'Never', containers });
    await m.running('two');
    m.runtime.exitContainer((await m.instance('two', 'a')).id, 1);

    const pod = await m.until('two', (p) => p.status.containerStatuses?.[0]?.state.terminated);
    assert.equal(pod.status.phase, 'Running');
    m.runtime.exitContainer((await m.instance('two', 'b')).id, 0);
    assert.equal((await m.until('two', (p) => p.status.phase !== 'Running')).status.phase, 'Failed');
  }));

test('a sandbox that dies takes its containers with it, and all run anew in another', () =>
  withMachine(async (m) => {
    await m.create('web');
    await m.running('web');
    const before = (await m.observed('web'))!.sandboxes[0]!.id;
    m.runtime.exitContainer(before, 137);

    const pod = await m.until('web', (p) => p.status.containerStatuses?.[0]?.restartCount === 1);
    assert.ok(pod.status.containerStatuses![0]!.lastState.terminated);
    await m.plane.clock.runUntil(async () => (await m.observed('web'))?.sandboxes.length === 1);
    const now = (await m.observed('web'))!;
    assert.notEqual(now.sandboxes[0]!.id, before);
    assert.deepEqual(
      now.containers.map((c) => c.state),
      ['running'],
    );
  }));

test('a container that somebody removed is started again and counted', () =>
  withMachine(async (m) => {
    await m.create('web');
    await m.running('web');
    await m.runtime.removeContainer((await m.instance('web')).id);

    const pod = await m.until('web', (p) => p.status.containerStatuses?.[0]?.restartCount === 1);
    assert.ok(pod.status.containerStatuses![0]!.state.running);
  }));

test('a changed image replaces the container, whatever the restart policy', () =>
  withMachine(async (m) => {
    await m.create('web', { restartPolicy: 'Never' });
    const pod = await m.running('web');
    const containers = [{ ...pod.spec.containers[0]!, image: 'app:2' }];
    await m.plane.client.update(Pod, {
      ...pod,
      spec: { ...pod.spec, containers },
    });

    const { status } = await m.until('web', (p) => p.status.containerStatuses?.[0]?.image === 'app:2');
    assert.equal(status.phase, 'Running');
    assert.equal(status.containerStatuses![0]!.restartCount, 1);
    assert.deepEqual(m.deeds.slice(1), ['startContainer main', 'stopContainer 30', 'startContainer main']);
  }));

test('at most two instances of a container are kept', () =>
  withMachine(async (m) => {
    await m.create('web');
    await m.running('web');
    await crash(m, 'web', 4);
    await m.plane.clock.advance(1_000);
    assert.equal((await m.observed('web'))!.containers.length, 2);
  }));

test('a deadline that passes ends the pod', () =>
  withMachine(async (m) => {
    await m.create('slow', { activeDeadlineSeconds: 60 });
    await m.running('slow');
    const { status } = await m.until('slow', (p) => p.status.phase === 'Failed', 61_000);
    assert.equal(status.reason, 'DeadlineExceeded');
    await m.plane.clock.runUntil(async () => (await m.instance('slow')).state === 'exited');
  }));
