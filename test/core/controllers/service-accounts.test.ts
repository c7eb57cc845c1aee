import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Namespace, ServiceAccount } from '../../../src/core/api/kinds/index.ts';
import { isNotFound } from '../../../src/core/api/status.ts';
import { startControllers } from '../../../src/core/controllers/index.ts';
import { planServiceAccount } from '../../../src/core/controllers/service-accounts.ts';
import { type ControlPlane, withControlPlane } from '../../helpers/control-plane.ts';
import { namespace } from '../../helpers/objects.ts';
import { stored } from '../../helpers/stored.ts';

const has = async ({ client }: ControlPlane, inNamespace: string) => {
  const { items } = await client.list(ServiceAccount, inNamespace);
  return items.some(({ metadata }) => metadata.name === 'default');
};

test('service account plan: a namespace without one gets one, unless it goes', () => {
  const account = stored(ServiceAccount, { metadata: { name: 'default' } });
  const types = (...args: Parameters<typeof planServiceAccount>) =>
    planServiceAccount(...args).steps.map((s) => s.type);
  assert.deepEqual(types(namespace('a'), undefined), ['create']);
  assert.deepEqual(types(namespace('a'), account), []);
  assert.deepEqual(types(namespace('a', { deletionTimestamp: '2015-05-01T00:00:00Z' }), undefined), []);
  assert.deepEqual(types(undefined, undefined), []);
});

test('service accounts: every namespace has one, old and new, and gets it back', () =>
  withControlPlane(async (plane) => {
    const { client, clock } = plane;
    plane.run(startControllers(plane.deps));
    await clock.runUntil(async () => (await has(plane, 'default')) && (await has(plane, 'kube-system')));
    await client.create(Namespace, { metadata: { name: 'team' } });
    await clock.runUntil(() => has(plane, 'team'));
    await client.delete(ServiceAccount, 'team', 'default');
    await clock.runUntil(() => has(plane, 'team'));
  }));

test('service accounts: a namespace that goes is not held by its own', () =>
  withControlPlane(async (plane) => {
    const { client, clock } = plane;
    plane.run(startControllers(plane.deps));
    await client.create(Namespace, { metadata: { name: 'team' } });
    await clock.runUntil(() => has(plane, 'team'));
    await client.delete(Namespace, '', 'team');
    const gone = () => client.get(Namespace, '', 'team').then(() => false, isNotFound);
    await clock.runUntil(gone, { withinMs: 1_000 });
  }));
