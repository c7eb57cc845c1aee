import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../../../src/core/async/random.ts';
import { chooseNode, misfits } from '../../../src/core/scheduler/algorithm.ts';
import { ClusterState } from '../../../src/core/scheduler/cluster-state.ts';
import { defaultPolicy } from '../../../src/core/scheduler/defaults.ts';
import { requirementsOf } from '../../../src/core/scheduler/requirements.ts';
import { container, node, pod, service } from '../../helpers/objects.ts';

const random = seededRandom(1);
const choose = (state: ClusterState, asked: ReturnType<typeof pod>) =>
  chooseNode(requirementsOf(asked), state, defaultPolicy, random)?.name;

function stateWith(...nodes: ReturnType<typeof node>[]): ClusterState {
  const state = new ClusterState();
  for (const one of nodes) state.setNode(one);
  return state;
}

test('algorithm: nodes that are not ready, cordoned, halted or going are skipped, and it says why', () => {
  const state = stateWith(
    node('a', { ready: 'Unknown' }),
    node('b', { ready: '' }),
    node('c', { spec: { unschedulable: true } }),
    node('d', { metadata: { deletionTimestamp: '2015-05-01T00:00:00Z' } }),
    node('e', { status: { phase: 'Terminated' } }),
  );
  assert.equal(choose(state, pod('p')), undefined);
  assert.deepEqual(
    misfits(requirementsOf(pod('p')), state.nodes, defaultPolicy).map((m) => `${m.node}: ${m.reason}`),
    [
      'a: node is not ready',
      'b: node is not ready',
      'c: node is unschedulable',
      'd: node is being deleted',
      'e: node is halted',
    ],
  );
});

test('algorithm: the emptier node wins', () => {
  const state = stateWith(node('a'), node('b'));
  state.setPod(
    pod('big', { spec: { nodeName: 'a', containers: [container({ resources: { requests: { cpu: '2' } } })] } }),
  );
  assert.equal(choose(state, pod('p')), 'b');
});

test('algorithm: pods of a service spread over the nodes', () => {
  const nodes = ['a', 'b', 'c'].map((name) => node(name));
  const state = stateWith(...nodes);
  state.setService(service('web', { selector: { app: 'web' } }));
  const chosen = [1, 2, 3, 4, 5, 6].map((n) => {
    const asked = requirementsOf(pod(`web-${n}`, { metadata: { labels: { app: 'web' } } }));
    const chosen = chooseNode(asked, state, defaultPolicy, random)!;
    state.assume(asked, chosen);
    return chosen.name;
  });
  assert.deepEqual(chosen.slice(0, 3).sort(), ['a', 'b', 'c']);
  assert.deepEqual(chosen.slice(3).sort(), ['a', 'b', 'c']);
});

test('algorithm: ties are drawn among all best nodes', () => {
  const state = stateWith(node('a'), node('b'), node('c'));
  const counts = new Map<string | undefined, number>();
  for (let n = 0; n < 300; n++) {
    const name = choose(state, pod('p'));
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  for (const name of ['a', 'b', 'c']) assert.ok((counts.get(name) ?? 0) > 60, `${name}: ${counts.get(name)} of 300`);
});

const podParts = fc.record({
  cpu: fc.integer({ min: 0, max: 1500 }),
  memory: fc.integer({ min: 0, max: 1500 }),
  port: fc.option(fc.integer({ min: 80, max: 83 }), { nil: undefined }),
});

test('algorithm: whatever comes, no node is overcommitted and no port used twice', () => {
  fc.assert(
    fc.property(
      fc.array(podParts, { maxLength: 60 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer(),
      (pods, n, seed) => {
        const draws = seededRandom(seed);
        const capacity = { cpu: '2', memory: '2000', pods: '9' };
        const state = stateWith(...Array.from({ length: n }, (_, i) => node(`n${i}`, { status: { capacity } })));
        const placed = new Map<string, { cpu: number; memory: number; ports: number[]; pods: number }>();
        pods.forEach(({ cpu, memory, port }, i) => {
          const ports = port ? [{ containerPort: 80, hostPort: port }] : [];
          const resources = { requests: { cpu: `${cpu}m`, memory: `${memory}` } };
          const asked = requirementsOf(pod(`p${i}`, { spec: { containers: [container({ ports, resources })] } }));
          const chosen = chooseNode(asked, state, defaultPolicy, draws);
          if (!chosen) return;
          state.assume(asked, chosen);
          const sums = placed.get(chosen.name) ?? { cpu: 0, memory: 0, ports: [], pods: 0 };
          sums.cpu += cpu;
          sums.memory += memory;
          sums.pods++;
          if (port) sums.ports.push(port);
          placed.set(chosen.name, sums);
        });
        for (const { cpu, memory, ports, pods } of placed.values()) {
          assert.ok(cpu <= 2000 && memory <= 2000 && pods <= 9);
          assert.equal(new Set(ports).size, ports.length);
        }
      },
    ),
  );
});
