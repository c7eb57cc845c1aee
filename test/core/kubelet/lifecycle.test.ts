import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withMachine } from './harness.ts';

test('a pod that was given to the node runs, is ready, and says so once', () =>
  withMachine(async (m) => {
    await m.create('web');
    const { status, metadata } = await m.running('web');

    assert.equal(status.podIP, '10.244.1.2');
    assert.equal(status.hostIP, '172.17.8.101');
    const conditions = Object.fromEntries(status.conditions!.map((c) => [c.type, c.status]));
    assert.deepEqual(conditions, {
      PodReadyToStartContainers: 'True',
      Initialized: 'True',
      Ready: 'True',
      ContainersReady: 'True',
      PodScheduled: 'True',
    });
    assert.equal(status.containerStatuses?.[0]?.restartCount, 0);
    assert.match(status.containerStatuses![0]!.containerID!, /^hollow:\/\//);
    assert.deepEqual(m.deeds, ['runSandbox web', 'startContainer main']);
    await m.plane.clock.advance(120_000);
    assert.equal((await m.pod('web')).metadata.resourceVersion, metadata.resourceVersion, 'nothing is written later');
    assert.deepEqual(await m.events(), [
      'starting: Starting kubelet.',
      'pulled: Container image "app:1" already present on machine',
      'created: Container created',
      'started: Container started',
    ]);
  }));
