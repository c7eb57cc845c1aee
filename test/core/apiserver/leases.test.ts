/** Leases: the first kind of a group that is not the core group. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Lease } from '../../../src/core/api/kinds/index.ts';
import { type Harness, startServer } from './harness.ts';

const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases';
const lease = (name: string, spec: object, metadata: object = {}) => ({ metadata: { name, ...metadata }, spec });

let h: Harness;
before(async () => {
  h = await startServer();
});

test('a lease is made, read as protobuf, renewed and watched under its group', async () => {
  const made = await h.post(leases, lease('a', { holderIdentity: 'me', renewTime: '2026-11-25T10:00:00.5Z' }));
  assert.equal(made.code, 201);
  assert.equal(made.body.apiVersion, 'coordination.k8s.io/v1');
  assert.equal(made.body.spec.renewTime, '2026-11-25T10:00:00.500000Z');
  const { headers, text } = await h.get(`${leases}/a`, { Accept: 'application/vnd.kubernetes.protobuf' });
  assert.equal(headers['content-type'], 'application/vnd.kubernetes.protobuf');
  assert.match(text, /^k8s\0.*coordination\.k8s\.io\/v1.*Lease.*me/s);
  for await (const { type, object } of h.client.watch(Lease, 'kube-system', {}, AbortSignal.timeout(10_000))) {
    assert.deepEqual([type, object.metadata.name], ['ADDED', 'a']);
    break;
  }
  assert.equal((await h.get('/api/v1/namespaces/kube-system/leases')).code, 404);
});

test('a PUT creates it, and has to say which version it replaces', async () => {
  assert.equal((await h.put(`${leases}/b`, lease('b', { holderIdentity: 'me' }))).code, 201);
  const blind = await h.put(`${leases}/b`, lease('b', { holderIdentity: 'you' }));
  assert.equal(blind.code, 422);
  assert.equal(
    blind.body.message,
    'leases.coordination.k8s.io "b" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
  );
  const { resourceVersion } = (await h.get(`${leases}/b`)).body.metadata;
  assert.equal((await h.put(`${leases}/b`, lease('b', { holderIdentity: 'you' }, { resourceVersion }))).code, 200);
  assert.equal((await h.put(`${leases}/b`, lease('b', { holderIdentity: 'she' }, { resourceVersion }))).code, 409);
  assert.equal((await h.merge(`${leases}/b`, { spec: { leaseTransitions: 1 } })).code, 200);
});

const wrong: [object, string][] = [
  [{ leaseDurationSeconds: 0 }, 'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0'],
  [{ leaseTransitions: -1 }, 'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0'],
  [{ preferredHolder: 'me' }, 'spec.preferredHolder: Forbidden: may only be specified when `strategy` is defined'],
];
for (const [spec, error] of wrong) {
  test(`a lease is refused: ${error}`, async () => {
    const { code, body } = await h.post(leases, lease('wrong', spec));
    assert.equal(code, 422);
    assert.equal(body.message, `Lease.coordination.k8s.io "wrong" is invalid: ${error}`);
  });
}
