import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NodeState } from '../../../src/core/scheduler/node-state.ts';
import { balancedResourceAllocation } from '../../../src/core/scheduler/priorities/balanced-resource-allocation.ts';
import { leastRequested } from '../../../src/core/scheduler/priorities/least-requested.ts';
import { serviceSpreading } from '../../../src/core/scheduler/priorities/service-spreading.ts';
import { requirementsOf } from '../../../src/core/scheduler/requirements.ts';
import { container, node, pod } from '../../helpers/objects.ts';

type Amounts = [cpu: string, memory: string];
const asking = ([cpu, memory]: Amounts) =>
  requirementsOf(pod('p', { spec: { containers: [container({ resources: { requests: { cpu, memory } } })] } }));

function nodeWith([cpu, memory]: Amounts, used: Amounts, name = 'n'): NodeState {
  const state = new NodeState(name);
  state.setNode(node(name, { status: { capacity: { cpu, memory } } }));
  state.add(asking(used));
  return state;
}
const surroundings = (counts: Record<string, number> = {}) => ({
  nodes: [],
  servicePods: () => new Map(Object.entries(counts)),
});

interface Row {
  capacity: Amounts;
  used: Amounts;
  asked: Amounts;
  least: number;
  balanced: number;
}
const rows: Row[] = [
  { capacity: ['4', '10000'], used: ['0', '0'], asked: ['0', '0'], least: 10, balanced: 10 },
  // cpu (4000-3000)·10/4000 = 2.5 → 2, memory (10000-5000)·10/10000 = 5 → (2+5)/2 = 3; 10 - 10·|0.75-0.5| = 7.5 → 7
  { capacity: ['4', '10000'], used: ['0', '0'], asked: ['3', '5000'], least: 3, balanced: 7 },
  // the same sums, from pods that are there already
  { capacity: ['4', '10000'], used: ['2', '4000'], asked: ['1', '1000'], least: 3, balanced: 7 },
  // cpu is full: nothing free there, and full is never balanced
  { capacity: ['4', '10000'], used: ['4', '5000'], asked: ['0', '0'], least: 2, balanced: 0 },
  // more than there is
  { capacity: ['4', '10000'], used: ['3', '0'], asked: ['2', '0'], least: 5, balanced: 0 },
  // a node that states nothing
  { capacity: ['0', '0'], used: ['0', '0'], asked: ['1', '1'], least: 0, balanced: 0 },
];
rows.forEach(({ capacity, used, asked, least, balanced }) => {
  test(`priorities: ${asked} onto ${used} of ${capacity}`, () => {
    const state = nodeWith(capacity, used);
    assert.equal(leastRequested.scorer(asking(asked), surroundings())(state), least);
    assert.equal(balancedResourceAllocation.scorer(asking(asked), surroundings())(state), balanced);
  });
});

test('priorities: a node with fewer pods of the service scores higher', () => {
  const score = serviceSpreading.scorer(asking(['0', '0']), surroundings({ a: 3, b: 1 }));
  const scores = ['a', 'b', 'c'].map((name) => score(nodeWith(['1', '1'], ['0', '0'], name)));
  assert.deepEqual(scores, [0, 6, 10]);
});

test('priorities: without pods of the service all nodes are alike', () => {
  const score = serviceSpreading.scorer(asking(['0', '0']), surroundings());
  assert.equal(score(nodeWith(['1', '1'], ['0', '0'])), 10);
});
