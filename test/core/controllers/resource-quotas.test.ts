import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod, ResourceQuota, Secret } from '../../../src/core/api/kinds/index.ts';
import { measure } from '../../../src/core/api/quota.ts';
import { startControllers } from '../../../src/core/controllers/index.ts';
import { planQuota } from '../../../src/core/controllers/resource-quotas.ts';
import { addPod } from '../../helpers/cluster-objects.ts';
import { withControlPlane } from '../../helpers/control-plane.ts';
import { container, pod } from '../../helpers/objects.ts';
import { stored } from '../../helpers/stored.ts';

const quota = (spec: object, status: object = {}) =>
  stored(ResourceQuota, { metadata: { name: 'q', namespace: 'default' }, spec, status });
const sized = (name: string, cpu: string, memory: string) =>
  pod(name, { spec: { containers: [container({ resources: { requests: { cpu, memory } } })] } });
const planned = (of: Parameters<typeof planQuota>[0], pods: ReturnType<typeof pod>[]) =>
  planQuota(
    of,
    pods.map((one) => measure(Pod, one)!),
  ).steps.map(({ status }) => status);

test('quota plan: sums what the pods ask for, exactly', () => {
  const hard = { pods: '10', cpu: '2', 'requests.memory': '1Gi', 'limits.cpu': '1', configmaps: '3' };
  const used = { pods: '2', cpu: '300m', 'requests.memory': '192Mi', 'limits.cpu': '0', configmaps: '0' };
  assert.deepEqual(planned(quota({ hard }), [sized('a', '100m', '64Mi'), sized('b', '0.2', '128Mi')]), [
    { hard, used },
  ]);
});

test('quota plan: a pod that has ended counts no more', () => {
  const hard = { pods: '1' };
  const ended = pod('a', { status: { phase: 'Succeeded' } });
  assert.deepEqual(planned(quota({ hard }), [ended]), [{ hard, used: { pods: '0' } }]);
});

test('quota plan: scopes choose the pods', () => {
  const hard = { pods: '5' };
  const pods = [pod('plain'), sized('sized', '1', '1Gi'), pod('short', { spec: { activeDeadlineSeconds: 5 } })];
  const usedBy = (spec: object) => planned(quota({ hard, ...spec }), pods)[0]?.used?.['pods'];
  assert.equal(usedBy({ scopes: ['BestEffort'] }), '2');
  assert.equal(usedBy({ scopes: ['NotBestEffort'] }), '1');
  assert.equal(usedBy({ scopes: ['Terminating', 'BestEffort'] }), '1');
  const urgent = { scopeName: 'PriorityClass', operator: 'In', values: ['urgent'] };
  assert.equal(usedBy({ scopeSelector: { matchExpressions: [urgent] } }), '0');
  assert.equal(usedBy({ scopeSelector: { matchExpressions: [{ ...urgent, operator: 'NotIn' }] } }), '3');
});

test('quota plan: what nobody counts is not said to be unused', () => {
  const hard = { 'count/widgets': '1', 'count/pods': '1' };
  assert.deepEqual(planned(quota({ hard }), []), [{ hard, used: { 'count/pods': '0' } }]);
});

test('quota plan: nothing is written when nothing has changed', () => {
  const hard = { pods: '1' };
  assert.deepEqual(planned(quota({ hard }, { hard, used: { pods: '1' } }), [pod('a')]), []);
  assert.deepEqual(planned(undefined, []), []);
});

test('quotas: the status follows pods and secrets as they come and go, in few writes', () =>
  withControlPlane(async (plane) => {
    plane.run(startControllers(plane.deps));
    const { client, clock } = plane;
    const metadata = { name: 'q', namespace: 'default' };
    await client.create(ResourceQuota, { metadata, spec: { hard: { pods: '50', secrets: '5' } } });
    const used = async () => (await client.get(ResourceQuota, 'default', 'q')).status.used;
    const shows = (pods: string, secrets: string) =>
      clock.runUntil(
        async () => {
          const now = await used();
          return now?.['pods'] === pods && now['secrets'] === secrets;
        },
        { withinMs: 1_000 },
      );
    await shows('0', '0');
    await Promise.all(Array.from({ length: 30 }, (_, i) => addPod(plane, `p${i}`)));
    await client.create(Secret, { metadata: { name: 's', namespace: 'default' } });
    await shows('30', '1');
    await client.deleteCollection(Pod, 'default');
    await client.delete(Secret, 'default', 's');
    await shows('0', '0');
  }));
