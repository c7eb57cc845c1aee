/** PATCH in all its forms but server-side apply, through the port. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type Harness, podBody, pods, startServer } from './harness.ts';

const mediaTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

let h: Harness;
before(async () => {
  h = await startServer();
});
const patch = (type: keyof typeof mediaTypes, path: string, body: unknown) =>
  h.call('PATCH', `${pods}/${path}`, { body, headers: { 'Content-Type': mediaTypes[type] } });

test('a strategic merge patch merges containers by name', async () => {
  await h.post(pods, podBody('strategic'));
  const { code, body } = await patch('strategic', 'strategic', {
    spec: { containers: [{ name: 'main', image: 'other' }] },
  });

  assert.equal(code, 200);
  const [{ name, image, terminationMessagePath }] = body.spec.containers;
  assert.deepEqual([name, image, terminationMessagePath], ['main', 'other', '/dev/termination-log']);
});

test('a JSON patch sees the whole object and may test its revision', async () => {
  const { body: pod } = await h.post(pods, podBody('operations', { labels: { a: '1' } }));
  const { resourceVersion } = pod.metadata;
  const changed = await patch('json', 'operations', [
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'replace', path: '/metadata/labels/a', value: '2' },
  ]);
  assert.equal(changed.code, 200);
  assert.deepEqual(changed.body.metadata.labels, { a: '2' });

  const stale = await patch('json', 'operations', [
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'remove', path: '/metadata/labels/a' },
  ]);
  assert.deepEqual([stale.code, stale.body.reason], [409, 'Conflict']);
});

test('a JSON patch that does not fit is refused without details', async () => {
  await h.post(pods, podBody('refused'));
  const { code, body } = await patch('json', 'refused', [{ op: 'test', path: '/spec/nodeName', value: 'x' }]);

  assert.equal(code, 422);
  assert.deepEqual(body, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'the server rejected our request due to an error in our request',
    reason: 'Invalid',
    details: {},
    code: 422,
  });
});

test('unknown fields of a patch are dropped with a warning, ignored, or refused', async () => {
  await h.post(pods, podBody('validated'));
  const body = { spec: { foo: 1 } };
  const warned = await patch('strategic', 'validated', body);
  assert.equal(warned.code, 200);
  assert.equal(warned.headers['warning'], '299 - "unknown field \\"spec.foo\\""');
  const ignored = await patch('strategic', 'validated?fieldValidation=Ignore', body);
  assert.deepEqual([ignored.code, ignored.headers['warning']], [200, undefined]);

  const strict = await patch('strategic', 'validated?fieldValidation=Strict', body);
  assert.equal(strict.code, 422);
  assert.equal(
    strict.body.message,
    ' "" is invalid: patch: Invalid value: "map[spec:map[foo:1]]": strict decoding error: unknown field "spec.foo"',
  );
  assert.equal(strict.body.details.causes[0].field, 'patch');
});

test('force belongs to apply', async () => {
  await h.post(pods, podBody('forced'));
  const { code, body } = await patch('merge', 'forced?force=true', {});
  assert.equal(code, 422);
  assert.match(body.message, /force: Forbidden: may not be specified for non-apply patch/);
});

test('a dry run of a patch answers the result and stores nothing', async () => {
  await h.post(pods, podBody('dry'));
  const { body } = await patch('merge', 'dry?dryRun=All', { metadata: { labels: { a: '1' } } });
  assert.deepEqual(body.metadata.labels, { a: '1' });
  assert.equal((await h.get(`${pods}/dry`)).body.metadata.labels, undefined);
});

test('a patch can neither rename an object nor give it another uid', async () => {
  await h.post(pods, podBody('fixed'));
  assert.equal((await patch('merge', 'fixed', { metadata: { name: 'other' } })).code, 400);
  assert.equal((await patch('merge', 'fixed', { metadata: { uid: 'other' } })).code, 409);
  assert.equal((await patch('merge', 'absent', {})).code, 404);
});

test('a patch that removes the last finalizer of a deleted object ends it', async () => {
  const body = podBody('held');
  await h.post(pods, { ...body, metadata: { ...body.metadata, finalizers: ['a/x'] } });
  await h.delete(`${pods}/held`);
  const { code } = await patch('strategic', 'held', {
    metadata: { '$deleteFromPrimitiveList/finalizers': ['a/x'] },
  });
  assert.equal(code, 200);
  assert.equal((await h.get(`${pods}/held`)).code, 404);
});

test('patches of the status leave the rest as it is', async () => {
  await h.post(pods, podBody('reported'));
  const { body } = await patch('strategic', 'reported/status', {
    spec: { nodeName: 'x' },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
  assert.equal(body.spec.nodeName, undefined);
  assert.equal(body.status.conditions[0].type, 'Ready');
});

test('concurrent patches are all applied', async () => {
  await h.post(pods, podBody('contended'));
  const labels = Array.from({ length: 4 }, (_, i) => `k${i}`);
  await Promise.all(
    labels.map((key) =>
      patch('json', 'contended', [{ op: 'add', path: `/metadata/annotations`, value: { [key]: '' } }]),
    ),
  );
  await Promise.all(labels.map((key) => patch('strategic', 'contended', { metadata: { labels: { [key]: '1' } } })));
  const { body } = await h.get(`${pods}/contended`);
  assert.deepEqual(Object.keys(body.metadata.labels).sort(), labels);
});

test('fields that stand twice in a body are told of where that is asked for', async () => {
  const text = (name: string) =>
    `{"metadata":{"name":"${name}","labels":{"a":"1","a":"2"}},"foo":1,"spec":{"containers":[{"name":"main","image":"x"}]}}`;
  const strict = await h.call('POST', `${pods}?fieldValidation=Strict`, { body: text('twice') });
  assert.equal(strict.code, 400);
  assert.equal(
    strict.body.message,
    'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "foo", duplicate field "metadata.labels.a"',
  );
  const warned = await h.call('POST', `${pods}?fieldValidation=Warn`, { body: text('twice') });
  assert.equal(warned.code, 201);
  assert.equal(warned.body.metadata.labels.a, '2');
  assert.equal(
    warned.headers['warning'],
    '299 - "unknown field \\"foo\\"", 299 - "duplicate field \\"metadata.labels.a\\""',
  );
});

test('an owner named twice is one owner, with a warning', async () => {
  const owner = { apiVersion: 'v1', kind: 'ReplicationController', name: 'rc', uid: 'u-1' };
  const body = podBody('owned');
  const answer = await h.post(pods, { ...body, metadata: { ...body.metadata, ownerReferences: [owner, owner] } });
  assert.equal(answer.body.metadata.ownerReferences.length, 1);
  assert.match(String(answer.headers['warning']), /duplicate UID\(s\) observed: u-1"$/);
});
