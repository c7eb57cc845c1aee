import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Node } from '../../../../src/core/api/kinds/index.ts';
import { nodeRoles, nodeStatus } from '../../../../src/core/api/kinds/node/row.ts';
import { wrongUpdate, wrongWith } from '../../../helpers/field-errors.ts';
import { assertGolden } from '../../../helpers/golden.ts';
import { container, node, pod } from '../../../helpers/objects.ts';
import { decoded } from '../../../helpers/stored.ts';

test('the status column follows the condition Ready and whether pods may come', () => {
  assert.equal(nodeStatus(node('a', { ready: 'True' })), 'Ready');
  assert.equal(nodeStatus(node('a', { ready: 'False' })), 'NotReady');
  assert.equal(nodeStatus(node('a', { ready: 'Unknown' })), 'NotReady');
  assert.equal(nodeStatus(node('a', { ready: '' })), 'Unknown');
  assert.equal(nodeStatus(node('a', { spec: { unschedulable: true } })), 'Ready,SchedulingDisabled');
});

test('roles come from labels, sorted', () => {
  const labels = { 'node-role.kubernetes.io/worker': '', 'kubernetes.io/role': 'master', app: 'x' };
  assert.deepEqual(nodeRoles(node('a', { metadata: { labels } })), ['master', 'worker']);
});

test('what pods may use is all there is, unless it is said', () => {
  const { status } = decoded(Node, { status: { capacity: { cpu: '2' } } });
  assert.deepEqual(status.allocatable, { cpu: '2' });
  assert.deepEqual(
    decoded(Node, { status: { capacity: { cpu: '2' }, allocatable: { cpu: '1' } } }).status.allocatable,
    { cpu: '1' },
  );
});

test('taints are unique by key and effect, amounts are not negative', () => {
  const taint = { key: 'a', effect: 'NoSchedule' };
  assert.deepEqual(wrongWith(Node, { spec: { taints: [taint, { ...taint, value: 'x' }] } }), [
    'spec.taints[1]: Duplicate value: "a:NoSchedule": taints must be unique by key and effect pair',
  ]);
  assert.deepEqual(wrongWith(Node, { spec: { taints: [{ key: 'a', effect: 'Never' }] } }), [
    'spec.taints[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
  ]);
  assert.match(
    wrongWith(Node, { status: { capacity: { cpu: '-2' }, allocatable: {} } })[0]!,
    /^status\.capacity\[cpu\]: Invalid value: "-2"/,
  );
});

test('a range of pod addresses, once given, stays', () => {
  const change = { spec: { podCIDR: '10.9.0.0/24', podCIDRs: ['10.9.0.0/24'] } };
  assert.match(wrongUpdate(Node, change)[0]!, /^spec\.podCIDRs: Forbidden: node updates may not change podCIDR/);
  assert.deepEqual(wrongUpdate(Node, { spec: { unschedulable: true } }), []);
});

test('describes what its pods ask for', () => {
  const now = Date.parse('2026-11-25T10:00:00Z');
  const at = '2026-11-25T09:59:50Z';
  const created = { creationTimestamp: '2026-11-25T09:55:00Z' };
  const busy = node('core-01', {
    metadata: { ...created, labels: { 'kubernetes.io/hostname': 'core-01' } },
    spec: { podCIDR: '10.244.1.0/24', taints: [{ key: 'disk', value: 'slow', effect: 'PreferNoSchedule' }] },
    status: {
      phase: 'Running',
      allocatable: { cpu: '2', memory: '1Gi', pods: '110' },
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          lastHeartbeatTime: at,
          lastTransitionTime: at,
          reason: 'KubeletReady',
          message: 'kubelet is posting ready status',
        },
      ],
      addresses: [{ type: 'InternalIP', address: '172.17.8.101' }],
    },
  });
  const resources = { requests: { cpu: '250m', memory: '64Mi' }, limits: { cpu: '1', memory: '128Mi' } };
  const pods = [
    pod('web-abcde', { metadata: created, spec: { containers: [container({ resources }), container({ resources })] } }),
    pod('idle', { metadata: created }),
  ];
  assertGolden('describe/node-with-pods.txt', Node.describe?.(busy, { pods }, now) ?? '');
});
