/** scale, eviction, and the statuses of components. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { ComponentStatus } from '../../../src/core/api/kinds/index.ts';
import { type Harness, podBody, pods, startServer } from './harness.ts';

const controllers = '/api/v1/namespaces/default/replicationcontrollers';
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'test' }] } };

describe('scale', () => {
  let h: Harness;
  const path = `${controllers}/web/scale`;
  before(async () => {
    h = await startServer();
    await h.post(controllers, { metadata: { name: 'web' }, spec: { replicas: 2, template } });
  });

  test('is applied: whoever applies it owns the replicas', async () => {
    await h.post(controllers, { metadata: { name: 'applied' }, spec: { replicas: 2, template } });
    const applyAs = (manager: string, replicas: number, query = '') =>
      h.call('PATCH', `${controllers}/applied/scale?fieldManager=${manager}${query}`, {
        body: { kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas } },
        headers: { 'Content-Type': 'application/apply-patch+yaml' },
      });
    const forced = await applyAs('autoscaler', 4, '&force=true');
    assert.deepEqual([forced.code, forced.body.kind, forced.body.spec], [200, 'Scale', { replicas: 4 }], forced.text);
    const { managedFields } = (await h.get(`${controllers}/applied`)).body.metadata;
    const entry = managedFields.find(({ manager }: { manager: string }) => manager === 'autoscaler');
    assert.deepEqual(
      [entry.operation, entry.subresource, entry.fieldsV1],
      ['Apply', 'scale', { 'f:spec': { 'f:replicas': {} } }],
    );
    const other = await applyAs('other', 5);
    assert.deepEqual([other.code, other.body.reason], [409, 'Conflict']);
    assert.match(other.body.message, /conflict with "autoscaler" with subresource "scale".*: \.spec\.replicas/);
    assert.equal((await applyAs('other', -1, '&force=true')).code, 422);
    assert.equal((await applyAs('', 1)).code, 422, 'nobody applies');
  });

  test('shows the replicas and the selector of a controller, under its identity', async () => {
    const { metadata } = (await h.get(`${controllers}/web`)).body;
    const { body } = await h.get(path);
    const { uid, resourceVersion, creationTimestamp } = metadata;
    assert.deepEqual(body, {
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: { name: 'web', namespace: 'default', uid, resourceVersion, creationTimestamp },
      spec: { replicas: 2 },
      status: { replicas: 0, selector: 'app=web' },
    });
  });

  test('a PUT writes the replicas and nothing else', async () => {
    const scale = (await h.get(path)).body;
    const { code, body } = await h.put(path, { ...scale, spec: { replicas: 5 } });
    assert.equal(code, 200);
    assert.equal(body.kind, 'Scale');
    assert.equal(body.spec.replicas, 5);
    const { metadata, spec } = (await h.get(`${controllers}/web`)).body;
    assert.equal(spec.replicas, 5);
    assert.deepEqual(spec.selector, { app: 'web' });
    assert.equal(metadata.generation, 2);
    assert.equal(metadata.resourceVersion, body.metadata.resourceVersion);
  });

  test('a stale PUT is refused, one without a version is not', async () => {
    const stale = { metadata: { name: 'web', resourceVersion: '1' }, spec: { replicas: 7 } };
    assert.equal((await h.put(path, stale)).code, 409);
    assert.equal((await h.put(path, { metadata: { name: 'web' }, spec: { replicas: 7 } })).body.spec.replicas, 7);
  });

  test('a PATCH changes the size; left out it is 0', async () => {
    assert.equal((await h.merge(path, { spec: { replicas: 3 } })).body.spec.replicas, 3);
    const none = await h.put(path, { metadata: { name: 'web' } });
    assert.deepEqual(none.body.spec, { replicas: 0 });
    assert.equal((await h.get(`${controllers}/web`)).body.spec.replicas, 0);
  });

  test('a wrong size, a wrong name and a missing controller are refused', async () => {
    const { code, body } = await h.merge(path, { spec: { replicas: -1 } });
    assert.equal(code, 422);
    const why = 'spec.replicas: Invalid value: -1: must be greater than or equal to 0';
    assert.equal(body.message, `Scale.autoscaling "web" is invalid: ${why}`);
    assert.equal((await h.get(`${controllers}/none/scale`)).code, 404);
    assert.equal((await h.get(`${pods}/web/scale`)).code, 404);
    assert.equal((await h.post(path, {})).code, 405);
  });

  test('a Table of it has its columns', async () => {
    const { body } = await h.get(path, { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    assert.deepEqual(
      body.columnDefinitions.map(({ name }: { name: string }) => name),
      ['Name', 'Desired', 'Available', 'Age'],
    );
  });
});

describe('eviction', () => {
  let h: Harness;
  before(async () => {
    h = await startServer();
  });
  const evict = (name: string, body: object = {}) =>
    h.post(`${pods}/${name}/eviction`, { metadata: { name }, ...body });

  for (const apiVersion of ['policy/v1', 'policy/v1beta1']) {
    test(`a pod that runs gets its grace and is told why (${apiVersion})`, async () => {
      const name = apiVersion.replace('/', '-');
      await h.post(pods, podBody(name, { nodeName: 'core-01' }));
      await h.merge(`${pods}/${name}/status`, { status: { phase: 'Running' } });
      const { code, body } = await evict(name, {
        apiVersion,
        kind: 'Eviction',
        deleteOptions: { gracePeriodSeconds: 7 },
      });
      assert.equal(code, 201);
      assert.deepEqual(body, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
      const { metadata, status } = (await h.get(`${pods}/${name}`)).body;
      assert.equal(metadata.deletionGracePeriodSeconds, 7);
      assert.deepEqual(
        status.conditions.map(({ type, reason, message }: Record<string, string>) => [type, reason, message]),
        [['DisruptionTarget', 'EvictionByEvictionAPI', 'Eviction API: evicting']],
      );
    });
  }

  test('a pod without a node is gone at once; one that is not there is not found', async () => {
    await h.post(pods, podBody('idle'));
    assert.equal((await evict('idle')).code, 201);
    assert.equal((await h.get(`${pods}/idle`)).code, 404);
    assert.equal((await evict('idle')).code, 404);
  });

  test('a dry run, a wrong uid, another name and another version change nothing', async () => {
    await h.post(pods, podBody('stays'));
    assert.equal((await evict('stays', { deleteOptions: { dryRun: ['All'] } })).code, 201);
    assert.equal((await evict('stays', { deleteOptions: { preconditions: { uid: 'other' } } })).code, 409);
    assert.equal((await evict('stays', { metadata: { name: 'other' } })).code, 400);
    assert.equal((await evict('stays', { apiVersion: 'policy/v2' })).code, 400);
    assert.equal((await h.get(`${pods}/stays`)).code, 200);
  });
});

test('discovery names the kinds of scale and eviction', async () => {
  const { resources } = (await (await startServer()).get('/api/v1')).body;
  const of = (name: string) => resources.find((resource: { name: string }) => resource.name === name);
  const scale = { kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: ['get', 'patch', 'update'] };
  assert.deepEqual(of('replicationcontrollers/scale'), {
    name: 'replicationcontrollers/scale',
    singularName: '',
    namespaced: true,
    ...scale,
  });
  assert.equal(of('pods/eviction').group, 'policy');
});

describe('componentstatuses', () => {
  const path = '/api/v1/componentstatuses';
  const conditionOf = ({ conditions }: { conditions: object[] }) => conditions[0];

  test('are asked when they are read; the store is one of them', async () => {
    let wrong = '';
    const check = () => {
      if (wrong) throw new Error(wrong);
      return 'ok';
    };
    const h = await startServer({
      components: [
        { name: 'scheduler', check },
        { name: 'far', check: () => undefined },
      ],
    });
    const { body } = await h.get(path);
    assert.equal(body.kind, 'ComponentStatusList');
    assert.deepEqual(body.items, [
      { metadata: { name: 'scheduler' }, conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }] },
      {
        metadata: { name: 'far' },
        conditions: [{ type: 'Healthy', status: 'Unknown', message: 'it does not run in this process' }],
      },
      {
        metadata: { name: 'etcd-0' },
        conditions: [{ type: 'Healthy', status: 'True', message: '{"health": "true"}' }],
      },
    ]);
    wrong = 'it is not running';
    const scheduler = (await h.get(`${path}/scheduler`)).body;
    assert.deepEqual(conditionOf(scheduler), { type: 'Healthy', status: 'False', error: wrong });
    const chosen = (await h.get(`${path}?fieldSelector=metadata.name%3Detcd-0`)).body;
    assert.equal(chosen.items.length, 1);
  });

  test('a component that does not answer is not waited for', async () => {
    const h = await startServer({ components: [{ name: 'slow', check: () => new Promise(() => {}) }] });
    const answer = h.client.get(ComponentStatus, '', 'slow');
    await h.clock.advance(5000);
    const condition = { type: 'Healthy', status: 'False', error: 'no answer within 5 s' };
    assert.deepEqual(conditionOf((await answer) as { conditions: object[] }), condition);
  });

  test('can only be read', async () => {
    const h = await startServer();
    assert.equal((await h.get(`${path}/none`)).code, 404);
    assert.equal((await h.post(path, { metadata: { name: 'x' } })).code, 405);
    assert.equal((await h.delete(`${path}/etcd-0`)).code, 405);
    assert.equal((await h.get(`${path}?watch=true`)).code, 405);
  });
});
