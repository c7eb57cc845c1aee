/** What `kubectl auth can-i` and `auth whoami` ask: questions that are answered and never stored. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { encodeProtobuf } from '../../../src/core/api/protobuf/index.ts';
import { SelfSubjectAccessReview } from '../../../src/core/api/types/review.ts';
import { type Harness, pods, startServer } from './harness.ts';

const root = '/apis/authorization.k8s.io/v1';
const accessReviews = `${root}/selfsubjectaccessreviews`;

let h: Harness;
before(async () => {
  h = await startServer();
});

const mayI = (spec: object) =>
  h.post(accessReviews, { kind: 'SelfSubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', metadata: {}, spec });

test('everything is allowed, to objects and at other paths', async () => {
  const revision = async () => (await h.get(pods)).body.metadata.resourceVersion;
  const before = await revision();
  const { code, body } = await mayI({ resourceAttributes: { namespace: 'default', verb: 'create', resource: 'pods' } });
  assert.equal(code, 201);
  assert.deepEqual([body.kind, body.apiVersion], ['SelfSubjectAccessReview', 'authorization.k8s.io/v1']);
  assert.deepEqual(body.spec.resourceAttributes, { namespace: 'default', verb: 'create', resource: 'pods' });
  assert.deepEqual(body.status, { allowed: true });
  assert.deepEqual((await mayI({ nonResourceAttributes: { path: '/metrics', verb: 'get' } })).body.status, {
    allowed: true,
  });
  assert.equal(await revision(), before, 'nothing was stored');
});

test('a question about nothing, and one about two things, are no questions', async () => {
  const nothing = await mayI({});
  assert.equal(nothing.code, 422);
  assert.match(nothing.body.message, /spec.resourceAttributes: Invalid value: .*exactly one of/);
  const both = await mayI({ resourceAttributes: { verb: 'get' }, nonResourceAttributes: { verb: 'get' } });
  assert.match(both.body.message, /spec.nonResourceAttributes: Invalid value: .*in combination/);
});

test('all rules at once, and who asks', async () => {
  const rules = await h.post(`${root}/selfsubjectrulesreviews`, { spec: { namespace: 'default' } });
  assert.deepEqual(rules.body.status, {
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
    nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
    incomplete: false,
  });
  const { body } = await h.post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {});
  assert.equal(body.status.userInfo.username, 'system:unsecured');
});

test('protobuf asks the same', async () => {
  const asked: SelfSubjectAccessReview = {
    kind: 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: {},
    spec: { resourceAttributes: { verb: 'get', resource: 'pods' } },
    status: { allowed: false },
  };
  const bytes = encodeProtobuf(SelfSubjectAccessReview, asked);
  const { status } = await fetch(`http://127.0.0.1:${h.port}${accessReviews}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/vnd.kubernetes.protobuf' },
    body: bytes,
  }).then((answer) => answer.json() as Promise<{ status: unknown }>);
  assert.deepEqual(status, { allowed: true });
});

test('there is nothing to get, list or delete', async () => {
  for (const [method, path] of [
    ['GET', accessReviews],
    ['DELETE', `${accessReviews}/a`],
  ] as const) {
    assert.equal((await h.call(method, path)).code, 405, method);
  }
});
