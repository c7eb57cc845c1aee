import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Node } from '../../../src/core/api/kinds/index.ts';
import { withMachine } from './harness.ts';

const withPort = (hostPort: number) => ({
  containers: [{ name: 'main', image: 'app:1', ports: [{ containerPort: 80, hostPort }] }],
});
const asking = (cpu: string) => ({
  containers: [{ name: 'main', image: 'app:1', resources: { requests: { cpu } } }],
});

test('the second pod that wants a port of the host has failed, and never starts', () =>
  withMachine(async (m) => {
    await m.create('first', withPort(8080));
    await m.running('first');
    await m.create('second', withPort(8080));
    const { status } = await m.until('second', (p) => p.status.phase === 'Failed');
    assert.equal(status.reason, 'HostPortConflict');
    assert.equal(status.message, 'Pod cannot be started due to host port conflict');
    assert.equal(status.containerStatuses, undefined);
    assert.deepEqual(m.deeds, ['runSandbox first', 'startContainer main']);
    await m.restart();
    await m.plane.clock.advance(60_000);
    assert.equal(m.deeds.length, 2);
  }));

test('of two pods that were there before the kubelet the older one is let in', () =>
  withMachine(async (m) => {
    await m.stopKubelet();
    await m.create('older', withPort(8080));
    await m.plane.clock.advance(2_000);
    await m.create('an-newer', withPort(8080));
    m.startKubelet();
    await m.running('older');
    await m.until('an-newer', (p) => p.status.phase === 'Failed');
  }));

test('a pod that asks for more than is left has failed; one that has ended takes nothing', () =>
  withMachine(async (m) => {
    await m.create('big', { ...asking('3'), restartPolicy: 'Never' });
    await m.running('big');
    await m.create('more', asking('2'));
    const { status } = await m.until('more', (p) => p.status.phase === 'Failed');
    assert.equal(status.message, 'Pod cannot be started due to exceeded capacity');

    m.runtime.exitContainer((await m.instance('big')).id, 0);
    await m.until('big', (p) => p.status.phase === 'Succeeded');
    await m.create('later', asking('2'));
    await m.running('later');
  }));

test('a nodeSelector has to match the labels that the node has now', () =>
  withMachine(async (m) => {
    await m.create('ssd', { nodeSelector: { disk: 'ssd' } });
    const { status } = await m.until('ssd', (p) => p.status.phase === 'Failed');
    assert.equal(status.message, 'Pod cannot be started due to node selector mismatch');

    await m.plane.client.patch(Node, '', 'core-01', { metadata: { labels: { disk: 'ssd' } } });
    await m.create('ssd-2', { nodeSelector: { disk: 'ssd' } });
    await m.running('ssd-2');
  }));
