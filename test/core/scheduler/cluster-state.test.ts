import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Pod } from '../../../src/core/api/kinds/index.ts';
import type { Stored } from '../../../src/core/api/object.ts';
import { ClusterState } from '../../../src/core/scheduler/cluster-state.ts';
import { requirementsOf } from '../../../src/core/scheduler/requirements.ts';
import { container, node, pod, service } from '../../helpers/objects.ts';

const web = (name: string, nodeName?: string, status?: Pod['status']) =>
  pod(name, {
    metadata: { labels: { app: 'web' } },
    spec: { ...(nodeName && { nodeName }), containers: [container({ resources: { requests: { cpu: '1' } } })] },
    ...(status && { status }),
  });
const assume = (state: ClusterState, asked: Stored<Pod>, nodeName: string) =>
  state.assume(requirementsOf(asked), state.nodes.find(({ name }) => name === nodeName)!);
const relieved = (state: ClusterState) => {
  const names = [...state.relieved].map(({ name }) => name);
  state.relieved.clear();
  return names;
};
const cpuOf = (state: ClusterState, name: string) => state.nodes.find((n) => n.name === name)?.cpuMillis;

test('cluster state: an assumed pod counts until it is forgotten', () => {
  const state = new ClusterState();
  state.setNode(node('a'));
  assume(state, web('p'), 'a');
  assert.equal(cpuOf(state, 'a'), 1000);
  assert.equal(state.forget(requirementsOf(web('p'))), true);
  assert.equal(cpuOf(state, 'a'), 0);
  assert.equal(state.forget(requirementsOf(web('p'))), false);
});

test('cluster state: the informer confirms an assumption, also on another node', () => {
  const state = new ClusterState();
  state.setNode(node('a'));
  state.setNode(node('b'));
  assume(state, web('p'), 'a');
  state.setPod(web('p'));
  assert.equal(cpuOf(state, 'a'), 1000, 'a change of the pod before its binding shows is none of ours');
  state.setPod(web('p', 'b'));
  assert.deepEqual([cpuOf(state, 'a'), cpuOf(state, 'b')], [0, 1000]);
  assert.equal(state.forget(requirementsOf(web('p'))), false, 'confirmed pods are not forgotten');
});

test('cluster state: a namesake with another uid takes nothing from the assumption', () => {
  const state = new ClusterState();
  state.setNode(node('a'));
  assume(state, web('p'), 'a');
  state.setPod(pod('p', { metadata: { uid: 'another' } }));
  assert.equal(cpuOf(state, 'a'), 0);
});

test('cluster state: finished pods hold nothing, deleted ones do until they are gone', () => {
  const state = new ClusterState();
  state.setNode(node('a'));
  const going = web('going', 'a');
  going.metadata.deletionTimestamp = '2015-05-01T00:00:00Z';
  state.setPod(going);
  state.setPod(web('done', 'a'));
  state.setPod(web('done', 'a', { phase: 'Succeeded' }));
  assert.equal(cpuOf(state, 'a'), 1000);
  state.removePod(going);
  assert.equal(cpuOf(state, 'a'), 0);
});

test('cluster state: pods may be known before their node and after it', () => {
  const state = new ClusterState();
  state.setPod(web('p', 'a'));
  assert.equal(state.nodes.length, 0);
  state.setNode(node('a'));
  assert.equal(cpuOf(state, 'a'), 1000);
  state.removeNode('a');
  assert.equal(state.nodes.length, 0);
  state.setNode(node('a'));
  assert.equal(cpuOf(state, 'a'), 1000);
});

test('cluster state: relief is what lets more pods fit, and nothing else', () => {
  const state = new ClusterState();
  state.setNode(node('a', { ready: 'False' }));
  assert.deepEqual(relieved(state), [], 'not ready');
  state.setNode(node('a'));
  assert.deepEqual(relieved(state), ['a'], 'became ready');
  state.setNode(node('a'));
  assert.deepEqual(relieved(state), [], 'a heartbeat');
  state.setNode(node('a', { status: { capacity: { cpu: '8' } } }));
  assert.deepEqual(relieved(state), ['a'], 'capacity');
  state.setNode(node('a', { metadata: { labels: { disk: 'ssd' } }, status: { capacity: { cpu: '8' } } }));
  assert.deepEqual(relieved(state), ['a'], 'labels');
  state.setPod(web('p', 'a'));
  state.setPod(web('p', 'a', { phase: 'Running' }));
  assert.deepEqual(relieved(state), [], 'a pod came and changed');
  state.setPod(web('p', 'a', { phase: 'Failed' }));
  assert.deepEqual(relieved(state), ['a'], 'a pod finished');
  state.removePod(web('p', 'a'));
  assert.deepEqual(relieved(state), [], 'and went, which frees nothing more');
});

test('cluster state: pods are counted per service, also when the service comes later or changes', () => {
  const state = new ClusterState();
  state.setNode(node('a'));
  const counts = (name: string) => Object.fromEntries(state.servicePods(requirementsOf(web(name))));
  state.setPod(web('p', 'a'));
  assert.deepEqual(counts('q'), {});
  state.setService(service('z', { selector: { app: 'web' } }));
  state.setPod(web('q', 'b'));
  assert.deepEqual(counts('q'), { a: 1, b: 1 });
  state.setService(service('y', { selector: { app: 'web', tier: 'none' } }));
  assert.deepEqual(counts('q'), { a: 1, b: 1 }, 'the whole selector must match');
  state.removePod(web('p', 'a'));
  assert.deepEqual(counts('q'), { b: 1 });
  state.setService(service('z', { selector: { app: 'other' } }));
  assert.deepEqual(counts('q'), {});
  state.removeService(service('z', { selector: { app: 'other' } }));
  state.setService(service('n', {}));
  assert.deepEqual(counts('q'), {}, 'a service without selector has no pods');
});

type Op = { pod: number; node: number; does: 'assume' | 'forget' | 'bind' | 'finish' | 'remove' };
const op = fc.record<Op>({
  pod: fc.integer({ min: 0, max: 5 }),
  node: fc.integer({ min: 0, max: 2 }),
  does: fc.constantFrom('assume', 'forget', 'bind', 'finish', 'remove'),
});

test('cluster state: the sums equal those over the pods after any sequence of changes', () => {
  fc.assert(
    fc.property(fc.array(op, { maxLength: 80 }), (ops) => {
      const state = new ClusterState();
      for (const name of ['n0', 'n1', 'n2']) state.setNode(node(name));
      state.setService(service('web', { selector: { app: 'web' } }));
      /** pod → node, bound or assumed. */
      const model = new Map<string, { node: string; assumed: boolean }>();
      for (const { pod, node, does } of ops) {
        const [name, nodeName] = [`p${pod}`, `n${node}`];
        const known = model.get(name);
        if (does === 'assume' && !known) {
          assume(state, web(name), nodeName);
          model.set(name, { node: nodeName, assumed: true });
        } else if (does === 'forget') {
          state.forget(requirementsOf(web(name)));
          if (known?.assumed) model.delete(name);
        } else if (does === 'bind') {
          state.setPod(web(name, nodeName));
          model.set(name, { node: nodeName, assumed: false });
        } else if (does === 'finish') {
          state.setPod(web(name, nodeName, { phase: 'Succeeded' }));
          model.delete(name);
        } else if (does === 'remove') {
          state.removePod(web(name));
          model.delete(name);
        }
      }
      const placed = [...model.values()];
      const perNode = state.servicePods(requirementsOf(web('asking')));
      for (const { name, cpuMillis, pods } of state.nodes) {
        const expected = placed.filter((p) => p.node === name).length;
        assert.deepEqual([cpuMillis, pods, perNode.get(name) ?? 0], [expected * 1000, expected, expected]);
      }
    }),
  );
});
