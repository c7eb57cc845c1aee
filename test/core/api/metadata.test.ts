import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Namespace, Pod, Service } from '../../../src/core/api/kinds/index.ts';
import { generateName, validateMetadata, validateMetadataUpdate } from '../../../src/core/api/metadata.ts';
import { causeMessage, type FieldError } from '../../../src/core/api/status.ts';
import type { ObjectMeta } from '../../../src/core/api/types/meta.ts';
import { seededRandom } from '../../../src/core/async/random.ts';
import { pod } from '../../helpers/objects.ts';

const texts = (errors: FieldError[]) => errors.map((e) => `${e.field}: ${causeMessage(e)}`);
const ofPod = (meta: ObjectMeta) => texts(validateMetadata(Pod, { name: 'web', namespace: 'default', ...meta }));

const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an " +
  "alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

test('a wrong name is refused in the words of a real server', () => {
  assert.deepEqual(ofPod({ name: 'Bad_Name' }), [`metadata.name: Invalid value: "Bad_Name": ${subdomain}`]);
  assert.match(ofPod({ name: 'x'.repeat(254) })[0]!, /: must be no more than 253 characters$/);
  assert.deepEqual(ofPod({ name: 'a.b-c.d' }), []);
});

test('each kind has its form of names', () => {
  assert.equal(validateMetadata(Namespace, { name: 'a.b' }).length, 1);
  assert.equal(validateMetadata(Service, { name: 'a.b', namespace: 'default' }).length, 1);
  assert.deepEqual(validateMetadata(Namespace, { name: '1-a' }), []);
});

test('an object needs a name or the beginning of one, and a namespace where its kind has one', () => {
  assert.deepEqual(texts(validateMetadata(Pod, {})), [
    'metadata.name: Required value: name or generateName is required',
    'metadata.namespace: Required value',
  ]);
  assert.deepEqual(ofPod({ name: '', generateName: 'web-' }), []);
  assert.match(ofPod({ name: '', generateName: '-' })[0]!, /^metadata\.generateName: Invalid value: "-"/);
  assert.deepEqual(texts(validateMetadata(Namespace, { name: 'a', namespace: 'b' })), [
    'metadata.namespace: Forbidden: not allowed on this type',
  ]);
});

test('labels and annotations are checked key by key', () => {
  const wrong: [ObjectMeta, RegExp][] = [
    [{ labels: { 'a b': 'x' } }, /^metadata\.labels: Invalid value: "a b": name part must consist of/],
    [{ labels: { '/x': 'x' } }, /prefix part must be non-empty/],
    [{ labels: { 'a/': 'x' } }, /name part must be non-empty/],
    [{ labels: { 'a/b/c': 'x' } }, /with an optional DNS subdomain prefix and '\/'/],
    [{ labels: { 'UPPER.com/x': 'x' } }, /prefix part a lowercase RFC 1123 subdomain/],
    [{ labels: { app: 'a b' } }, /^metadata\.labels\[app\]: Invalid value: "a b": a valid label must be/],
    [{ labels: { app: 'x'.repeat(64) } }, /must be no more than 63 characters/],
    [{ annotations: { 'a b': 'x' } }, /^metadata\.annotations: Invalid value: "a b"/],
    [
      { annotations: { a: 'x'.repeat(262_144) } },
      /^metadata\.annotations: Too long: may not be more than 262144 bytes$/,
    ],
  ];
  for (const [meta, message] of wrong) {
    const found = ofPod(meta);
    assert.equal(found.length, 1, String(found));
    assert.match(found[0]!, message);
  }
  const fine = { labels: { 'example.com/App': '', a: '1.b_C' }, annotations: { 'Example.com/x': '\n any text' } };
  assert.deepEqual(ofPod(fine), []);
});

test('owners are complete and one of them at most is the controller', () => {
  const owner = { apiVersion: 'v1', kind: 'ReplicationController', name: 'web', uid: 'u', controller: true };
  assert.deepEqual(ofPod({ ownerReferences: [owner, { ...owner, controller: false }] }), []);
  assert.deepEqual(ofPod({ ownerReferences: [{ ...owner, uid: '' }] }), [
    'metadata.ownerReferences[0].uid: Invalid value: "": must not be empty',
  ]);
  assert.match(
    ofPod({ ownerReferences: [owner, { ...owner, name: 'db' }] })[0]!,
    /Only one reference can have Controller set to true.*web and db$/,
  );
  assert.match(
    ofPod({ ownerReferences: [{ ...owner, kind: 'Event' }] })[0]!,
    /Event is disallowed from being an owner/,
  );
});

test('finalizers have a domain, or are one of the known two', () => {
  assert.deepEqual(ofPod({ finalizers: ['orphan', 'example.com/wait'] }), []);
  assert.match(
    ofPod({ finalizers: ['mine'] })[0]!,
    /name is neither a standard finalizer name nor is it fully qualified$/,
  );
  assert.match(ofPod({ finalizers: ['orphan', 'foregroundDeletion'] })[0]!, /cannot be both set$/);
});

test('what identifies an object does not change', () => {
  const old = pod('web').metadata;
  assert.deepEqual(validateMetadataUpdate({ ...old, labels: { a: 'b' } }, old), []);
  assert.deepEqual(validateMetadataUpdate({}, old), []);
  assert.deepEqual(texts(validateMetadataUpdate({ ...old, uid: 'other' }, old)), [
    'metadata.uid: Invalid value: "other": field is immutable',
  ]);
  const dying = { ...old, deletionTimestamp: '2026-11-25T10:00:00Z', finalizers: ['a.b/c'] };
  assert.deepEqual(validateMetadataUpdate({ ...dying, finalizers: [] }, dying), []);
  assert.deepEqual(texts(validateMetadataUpdate({ ...dying, finalizers: ['a.b/c', 'a.b/d'] }, dying)), [
    'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a.b/d"}',
  ]);
});

test('generated names fit a label', () => {
  const random = seededRandom(1);
  assert.match(generateName('web-', random), /^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  assert.equal(generateName('x'.repeat(80), random).length, 63);
});
