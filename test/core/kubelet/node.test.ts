import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Node } from '../../../src/core/api/kinds/index.ts';
import { withMachine } from './harness.ts';

test('the node says what it is and offers', () =>
  withMachine(
    async (m) => {
      const { metadata, spec, status } = await m.node();
      assert.deepEqual(metadata.labels, {
        'kubernetes.io/arch': process.arch === 'x64' ? 'amd64' : process.arch,
        'kubernetes.io/hostname': 'core-01',
        'kubernetes.io/os': 'linux',
      });
      assert.equal(spec.podCIDR, '10.244.1.0/24');
      assert.equal(status.phase, 'Running');
      assert.deepEqual(status.capacity, { cpu: '3', memory: '4Gi', pods: '110' });
      assert.deepEqual(status.addresses, [
        { type: 'InternalIP', address: '172.17.8.101' },
        { type: 'Hostname', address: 'core-01' },
      ]);
      assert.equal(status.nodeInfo.machineID, 'f'.repeat(32));
      assert.equal(status.nodeInfo.containerRuntimeVersion, 'hollow://1');
      const conditions = status.conditions!.map((c) => [c.type, c.status, c.reason]);
      assert.deepEqual(conditions, [
        ['Reachable', 'True', 'KubeletReachable'],
        ['Ready', 'True', 'KubeletReady'],
      ]);
    },
    { hollow: { cpus: 3, memoryBytes: 4 * 1024 ** 3 } },
  ));

test('it sends heartbeats, and changes nothing but their time', () =>
  withMachine(async (m) => {
    const before = await m.node();
    await m.plane.clock.advance(10_000);
    const after = await m.node();
    const times = (n: typeof before) => n.status.conditions!.map((c) => c.lastHeartbeatTime);
    assert.notDeepEqual(times(after), times(before));
    const without = (n: typeof before) => ({
      ...n,
      metadata: { ...n.metadata, resourceVersion: '' },
      status: { ...n.status, conditions: n.status.conditions!.map((c) => ({ ...c, lastHeartbeatTime: '' })) },
    });
    assert.deepEqual(without(after), without(before));
  }));

test('labels and conditions of others stay; a Ready that somebody else set is corrected', () =>
  withMachine(async (m) => {
    const { client, clock } = m.plane;
    await client.patch(Node, '', 'core-01', { metadata: { labels: { disk: 'ssd' } } });
    const { status } = await m.node();
    const at = status.conditions![0]!.lastHeartbeatTime;
    const others = { type: 'DiskPressure', status: 'False', lastHeartbeatTime: at, lastTransitionTime: at };
    const unknown = status.conditions!.map((c) => ({ ...c, status: 'Unknown' }));
    await client.patch(
      Node,
      '',
      'core-01',
      { status: { conditions: [others, ...unknown] } },
      { subresource: 'status' },
    );
    await clock.advance(10_000);

    const node = await m.node();
    assert.equal(node.metadata.labels?.['disk'], 'ssd');
    assert.deepEqual(
      node.status.conditions!.map((c) => `${c.type} ${c.status}`),
      ['DiskPressure False', 'Reachable True', 'Ready True'],
    );
    const ready = node.status.conditions!.find((c) => c.type === 'Ready')!;
    assert.equal(ready.lastTransitionTime, ready.lastHeartbeatTime);
  }));

test('a node that somebody deletes registers again', () =>
  withMachine(async (m) => {
    await m.plane.client.delete(Node, '', 'core-01');
    await m.plane.clock.advance(10_000);
    assert.equal((await m.node()).spec.podCIDR, '10.244.1.0/24');
  }));
