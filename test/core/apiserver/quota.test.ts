/** Quotas are exact, whatever happens at the same time. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import fc from 'fast-check';
import { Pod, ResourceQuota, Secret, Service } from '../../../src/core/api/kinds/index.ts';
import { ApiError } from '../../../src/core/api/status.ts';
import { type Harness, podBody, pods, startServer } from './harness.ts';

const quotas = '/api/v1/namespaces/default/resourcequotas';
const metadata = (name: string) => ({ name, namespace: 'default' });
const sized = (name: string, requests: Record<string, string>) => ({
  metadata: metadata(name),
  spec: { containers: [{ name: 'c', image: 'test', resources: { requests } }] },
});
const reasonOf = (error: unknown) => (error instanceof ApiError ? error.message : String(error));

describe('ResourceQuota', () => {
  let h: Harness;
  before(async () => {
    h = await startServer();
    const hard = { configmaps: '1', 'requests.cpu': '1', pods: '3', 'services.nodeports': '2', 'count/secrets': '1' };
    assert.equal((await h.post(quotas, { metadata: { name: 'q' }, spec: { hard } })).code, 201);
  });
  const post = async (resource: string, body: object) => {
    const answer = await h.post(`/api/v1/namespaces/default/${resource}`, body);
    return answer.code === 201 ? 'created' : answer.body.message;
  };

  test('refuses what goes beyond it, with all figures, and takes it when there is room again', async () => {
    assert.equal(await post('configmaps', { metadata: { name: 'a' } }), 'created');
    assert.equal(
      await post('configmaps', { metadata: { name: 'zz' } }),
      'configmaps "zz" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=1, limited: configmaps=1',
    );
    await h.delete('/api/v1/namespaces/default/configmaps/a');
    assert.equal(await post('configmaps', { metadata: { name: 'zz' } }), 'created');
  });

  test('a limited resource has to be asked for', async () => {
    assert.equal(
      await post('pods', podBody('zz')),
      'pods "zz" is forbidden: failed quota: q: must specify requests.cpu for: main',
    );
  });

  test('names everything that is exceeded; a pod that has ended gives back what it had', async () => {
    assert.equal(await post('pods', sized('a', { cpu: '600m' })), 'created');
    assert.equal(
      await post('pods', sized('b', { cpu: '500m' })),
      'pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used: requests.cpu=600m, limited: requests.cpu=1',
    );
    const finished = { ...sized('b', { cpu: '500m' }), status: { phase: 'Succeeded' } };
    assert.match(await post('pods', finished), /exceeded quota/);
    await h.merge(`${pods}/a/status`, { status: { phase: 'Succeeded' } });
    assert.equal(await post('pods', sized('b', { cpu: '500m' })), 'created');
  });

  test('an update counts with what it adds', async () => {
    const ports = (n: number) => Array.from({ length: n }, (_, i) => ({ name: `p${i}`, port: 80 + i }));
    assert.equal(
      await post('services', { metadata: { name: 's' }, spec: { type: 'NodePort', ports: ports(1) } }),
      'created',
    );
    const grow = (n: number) => h.merge('/api/v1/namespaces/default/services/s', { spec: { ports: ports(n) } });
    assert.equal((await grow(2)).code, 200);
    const { code, body } = await grow(4);
    assert.equal(code, 403);
    assert.match(
      body.message,
      /requested: services.nodeports=2, used: services.nodeports=2, limited: services.nodeports=2$/,
    );
    assert.equal((await grow(1)).code, 200);
  });

  test('what failed, and what was only tried, is not counted', async () => {
    const secret = { metadata: { name: 'Bad_Name' } };
    for (let i = 0; i < 3; i++) assert.match(await post('secrets', secret), /is invalid/);
    for (let i = 0; i < 3; i++) assert.equal(await post('secrets?dryRun=All', { metadata: { name: 's' } }), 'created');
    assert.equal(await post('secrets', { metadata: { name: 's' } }), 'created');
    assert.match(await post('secrets', { metadata: { name: 's' } }), /exceeded quota/);
  });

  test('a quota that is changed counts at once', async () => {
    await h.merge(`${quotas}/q`, { spec: { hard: { 'count/secrets': '2' } } });
    assert.equal(await post('secrets', { metadata: { name: 't' } }), 'created');
  });
});

test('many creates at once never get more than there is, and never less', async () => {
  const { client } = await startServer();
  await client.create(ResourceQuota, {
    metadata: metadata('q'),
    spec: { hard: { pods: '10', 'requests.memory': '1Gi' } },
  });
  const creates = Array.from({ length: 64 }, (_, i) => client.create(Pod, sized(`p${i}`, { memory: '64Mi' })));
  const outcomes = await Promise.allSettled(creates);
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 10);
  assert.equal((await client.list(Pod, 'default')).items.length, 10);
});

/** What users do, all of it at the same time, in rounds. */
const action = fc.oneof(
  fc.record({ do: fc.constant('pod' as const), n: fc.nat(7), cpu: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ do: fc.constant('service' as const), n: fc.nat(3), ports: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constant('grow' as const), n: fc.nat(3), ports: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant('finish' as const), n: fc.nat(7) }),
  fc.record({ do: fc.constant('delete' as const), n: fc.nat(7) }),
  fc.record({ do: fc.constant('secret' as const), n: fc.nat(4) }),
);

test('property: use never exceeds the quota, and what would fit alone is never refused', async () => {
  const property = fc.asyncProperty(fc.array(fc.array(action, { maxLength: 12 }), { maxLength: 6 }), async (rounds) => {
    const { client, server, store } = await startServer();
    const hard = { 'requests.cpu': '10', pods: '4', 'services.nodeports': '4', secrets: '2' };
    await client.create(ResourceQuota, { metadata: metadata('q'), spec: { hard } });
    const ports = (n: number) => Array.from({ length: n }, (_, i) => ({ name: `p${i}`, port: 80 + i }));
    const perform = async (act: (typeof rounds)[number][number]): Promise<unknown> => {
      switch (act.do) {
        case 'pod':
          return client.create(Pod, sized(`p${act.n}`, { cpu: `${act.cpu}` }));
        case 'service': {
          const spec = { type: 'NodePort' as const, ports: ports(act.ports) };
          return client.create(Service, { metadata: metadata(`s${act.n}`), spec });
        }
        case 'grow':
          return client.patch(Service, 'default', `s${act.n}`, { spec: { ports: ports(act.ports) } });
        case 'finish': {
          const status = { phase: 'Failed' };
          return client.patch(Pod, 'default', `p${act.n}`, { status }, { subresource: 'status' });
        }
        case 'delete':
          return client.delete(Pod, 'default', `p${act.n}`);
        case 'secret':
          return client.create(Secret, { metadata: metadata(`x${act.n}`) });
      }
    };
    const used = async () => {
      const [podList, services, secrets] = await Promise.all([
        client.list(Pod, 'default'),
        client.list(Service, 'default'),
        client.list(Secret, 'default'),
      ]);
      const running = podList.items.filter(({ status }) => status.phase !== 'Failed');
      const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
      return {
        cpu: sum(running.map(({ spec }) => Number(spec.containers[0]?.resources.requests?.['cpu']))),
        pods: running.length,
        ports: sum(services.items.map(({ spec }) => spec.ports?.length ?? 0)),
        secrets: secrets.items.length,
      };
    };
    for (const round of rounds) {
      await Promise.allSettled(round.map(perform));
      const now = await used();
      const text = JSON.stringify(now);
      assert.ok(now.cpu <= 10 && now.pods <= 4 && now.ports <= 4 && now.secrets <= 2, text);
      // Nothing is on its way now: the next one is refused exactly when it does not fit.
      const fits = now.cpu + 3 <= 10 && now.pods + 1 <= 4;
      const next = client.create(Pod, sized('probe', { cpu: '3' })).then(() => 'created', reasonOf);
      assert.match(await next, fits ? /^created$/ : /exceeded quota: q/, text);
      await client.delete(Pod, 'default', 'probe').catch(() => {});
    }
    await server.close();
    await store.close();
  });
  await fc.assert(property, { numRuns: 40 });
});
