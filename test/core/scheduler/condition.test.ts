import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noTime } from '../../../src/core/api/time.ts';
import { withUnschedulable } from '../../../src/core/scheduler/condition.ts';

const at = Date.UTC(2015, 4, 1, 12);
const other = {
  type: 'Other',
  status: 'True' as const,
  lastProbeTime: noTime,
  lastTransitionTime: '2015-05-01T00:00:00Z',
};

test('condition: it is added to those of others', () => {
  const unschedulable = {
    type: 'PodScheduled',
    status: 'False',
    lastProbeTime: null,
    lastTransitionTime: '2015-05-01T12:00:00Z',
    reason: 'Unschedulable',
    message: 'full',
  };
  assert.deepEqual(withUnschedulable([other], 'full', at), [other, unschedulable]);
});

test('condition: the same message is not written again, another one is, and the transition stays where it was', () => {
  const first = withUnschedulable([], 'full', at)!;
  assert.equal(withUnschedulable(first, 'full', at + 60_000), undefined);
  const [second] = withUnschedulable(first, 'still full', at + 60_000)!;
  assert.deepEqual([second?.message, second?.lastTransitionTime], ['still full', '2015-05-01T12:00:00Z']);
});
