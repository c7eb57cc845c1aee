/** Namespaces, events, endpoints and bindings. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Binding, Endpoints, Event, Namespace } from '../../../../src/core/api/kinds/index.ts';
import { wrongWith } from '../../../helpers/field-errors.ts';
import { decoded, stored } from '../../../helpers/stored.ts';

test('a namespace says its name in a label, whatever a user puts there', () => {
  const { metadata } = decoded(Namespace, {
    metadata: { name: 'a', labels: { x: 'y', 'kubernetes.io/metadata.name': 'b' } },
  });
  assert.deepEqual(metadata.labels, { x: 'y', 'kubernetes.io/metadata.name': 'a' });
});

test('a new namespace is Active and held until it is empty', () => {
  const namespace = stored(Namespace, { metadata: { name: 'a' }, spec: { finalizers: ['example.com/x'] } });
  assert.deepEqual(namespace.spec.finalizers, ['example.com/x', 'kubernetes']);
  assert.deepEqual(namespace.status, { phase: 'Active' });
});

test('an update of a namespace does not let go of its content', () => {
  const old = stored(Namespace, Namespace.example);
  const object = decoded(Namespace, { ...Namespace.example, spec: { finalizers: [] } });
  Namespace.prepareForUpdate?.(object, old);
  assert.deepEqual(object.spec.finalizers, ['kubernetes']);
});

test('events expire, and lie in the namespace of what they are about', () => {
  assert.equal(Event.expires, true);
  assert.deepEqual(wrongWith(Event, { involvedObject: { namespace: 'other' } }), [
    'involvedObject.namespace: Invalid value: "other": does not match event.namespace',
  ]);
  assert.deepEqual(wrongWith(Event, { involvedObject: { namespace: null, kind: 'Node' } }), []);
});

test('endpoints have addresses, and names where there are several ports', () => {
  const subset = (parts: object) => wrongWith(Endpoints, { subsets: [{ addresses: [{ ip: '10.0.0.1' }], ...parts }] });
  assert.deepEqual(subset({ addresses: [] }), [
    'subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`',
  ]);
  assert.deepEqual(subset({ ports: [{ port: 1 }, { name: 'a', port: 2 }] }), [
    'subsets[0].ports[0].name: Required value',
  ]);
  assert.deepEqual(subset({ addresses: [{ ip: '10.0.0' }] }), [
    'subsets[0].addresses[0].ip: Invalid value: "10.0.0": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ]);
});

test('a binding names a node', () => {
  assert.deepEqual(wrongWith(Binding, { target: { name: null } }), ['target.name: Required value']);
  assert.deepEqual(wrongWith(Binding, { target: { kind: 'Pod' } }), [
    'target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"',
  ]);
});
