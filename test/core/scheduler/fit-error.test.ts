import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitErrorMessage } from '../../../src/core/scheduler/fit-error.ts';

const full = (node: string) => ({ node, reason: 'insufficient cpu', predicate: 'PodFitsResources' });
const down = (node: string) => ({ node, reason: 'node is not ready' });

test('fit error: each node has its reason', () => {
  assert.equal(
    fitErrorMessage('web', [full('a'), down('b')]),
    'failed to find fit for pod: web: Node a: insufficient cpu (PodFitsResources), Node b: node is not ready',
  );
});

test('fit error: of many nodes the first are named and all are counted by reason', () => {
  const misfits = [down('a'), ...['b', 'c', 'd', 'e', 'f', 'g'].map(full)];
  assert.match(
    fitErrorMessage('web', misfits),
    /Node e: .* and 2 more; of all: 6 insufficient cpu, 1 node is not ready$/,
  );
});

test('fit error: a cluster without nodes says so', () => {
  assert.equal(fitErrorMessage('web', []), 'failed to find fit for pod: web: there are no nodes');
});
