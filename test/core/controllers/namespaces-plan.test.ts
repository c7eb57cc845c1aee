import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planNamespace } from '../../../src/core/controllers/namespaces.ts';
import { namespace, pod } from '../../helpers/objects.ts';

const going = { deletionTimestamp: '2015-05-01T00:00:00Z' };
const words = (...args: Parameters<typeof planNamespace>) =>
  planNamespace(...args).steps.map((step) => (step.type === 'empty' ? `empty ${step.kind.plural}` : step.type));
const everything = [
  'services',
  'replicationcontrollers',
  'pods',
  'endpoints',
  'secrets',
  'configmaps',
  'limitranges',
  'resourcequotas',
  'serviceaccounts',
  'persistentvolumeclaims',
  'podtemplates',
  'leases',
  'events',
].map((plural) => `empty ${plural}`);

test('namespace plan: one that stays is left alone', () => {
  assert.deepEqual(words(namespace('a'), [pod('p')]), []);
  assert.deepEqual(words(undefined, []), []);
});

test('namespace plan: one that goes is emptied in order, services and controllers before pods', () => {
  assert.deepEqual(words(namespace('a', going), [pod('p')]), everything);
});

test('namespace plan: pods that end are waited for', () => {
  assert.deepEqual(words(namespace('a', going), [pod('p', { metadata: going })]), []);
});

test('namespace plan: without pods it is emptied of the rest and let go', () => {
  assert.deepEqual(words(namespace('a', going), []), [...everything, 'finalize']);
});

test('namespace plan: finalizers of others are for others', () => {
  assert.deepEqual(words({ ...namespace('a', going), spec: { finalizers: ['example.com/hold'] } }, []), []);
});
