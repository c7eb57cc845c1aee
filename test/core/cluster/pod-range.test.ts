import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Node } from '../../../src/core/api/kinds/index.ts';
import { podRangeOf } from '../../../src/core/cluster/pod-range.ts';
import { startControllers } from '../../../src/core/controllers/index.ts';
import { withControlPlane } from '../../helpers/control-plane.ts';

const record = { name: 'core-01', machineID: '0'.repeat(32), address: '192.0.2.1', podCIDR: '', halted: false };
const providerID = 'kubecfg://test/core-01';

test('a host without a range registers its node and takes what a controller gives it', () =>
  withControlPlane(async ({ clock, client, deps, run }) => {
    run(startControllers({ ...deps, podNet: '10.244.0.0/16', probeNode: async () => ({ ok: true, message: '' }) }));
    let range = '';
    void podRangeOf(record, providerID, deps).then((given) => {
      range = given;
    });
    await clock.runUntil(async () => range !== '');
    const { spec } = await client.get(Node, '', 'core-01');
    assert.deepEqual({ range, providerID: spec.providerID }, { range: spec.podCIDR, providerID });
  }));

test('the range on the node of an earlier start is taken', () =>
  withControlPlane(async ({ clock, client, deps }) => {
    const podCIDR = '10.244.7.0/24';
    await client.create(Node, { metadata: { name: 'core-01' }, spec: { podCIDR, podCIDRs: [podCIDR] } });
    let range = '';
    void podRangeOf(record, providerID, deps).then((given) => {
      range = given;
    });
    await clock.runUntil(async () => range !== '');
    assert.equal(range, podCIDR);
  }));

test('who is given none says where to look and what to do', () =>
  withControlPlane(async ({ clock, deps }) => {
    let said = '';
    void podRangeOf(record, providerID, deps).catch((e: Error) => {
      said = e.message;
    });
    await clock.runUntil(async () => said !== '', { withinMs: 61_000 });
    assert.match(said, /node core-01 was given no pod range: .*--pod-cidr/);
  }));
