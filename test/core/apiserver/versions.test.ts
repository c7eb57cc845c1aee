/** v1beta1, v1beta2 and v1beta3 through the real port: one object in four versions. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { type Harness, HttpWatch, podBody, startServer } from './harness.ts';

let h: Harness;
before(async () => {
  h = await startServer();
});

/** As the handbook prints it, commas included. */
const minion = `{
    "id": "10.1.2.3",
    "kind": "Minion",
    "apiVersion": "v1beta1",
    "resources": {
        "capacity": {
            "cpu": 1000,
            "memory": 1073741824,
        },
    },
    "labels": {
        "name": "my-first-k8s-node",
    },
}`;

const oldPod = (id: string, parts: object = {}) => ({
  kind: 'Pod',
  apiVersion: 'v1beta1',
  id,
  labels: { name: id },
  desiredState: { manifest: { version: 'v1beta1', id, containers: [{ name: 'main', image: 'test', cpu: 100 }] } },
  ...parts,
});

const pods = '/api/v1beta1/pods';
const pods1 = '/api/v1/namespaces/default/pods';
const pods3 = '/api/v1beta3/namespaces/default/pods';

describe("the handbook's minion", () => {
  test('is created with its trailing commas, and read in every version', async () => {
    const created = await h.call('POST', '/api/v1beta1/minions', {
      body: minion,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    });
    assert.equal(created.code, 201, created.text);
    const capacity = { cpu: '1000', memory: 1073741824 };
    assert.deepEqual([created.body.kind, created.body.id], ['Minion', '10.1.2.3']);
    assert.deepEqual(created.body.resources.capacity, capacity);

    for (const path of ['v1beta1/minions', 'v1beta2/minions', 'v1beta1/nodes']) {
      const { body } = await h.get(`/api/${path}/10.1.2.3`);
      assert.deepEqual([body.kind, body.labels], ['Minion', { name: 'my-first-k8s-node' }]);
      assert.deepEqual(body.resources.capacity, capacity);
      assert.equal(body.selfLink, `/api/${path}/10.1.2.3`);
      assert.equal(body.externalID, '10.1.2.3');
    }
    for (const version of ['v1beta3', 'v1']) {
      const { body } = await h.get(`/api/${version}/nodes/10.1.2.3`);
      assert.deepEqual([body.kind, body.apiVersion], ['Node', version]);
      assert.deepEqual(body.status.capacity, { cpu: '1k', memory: '1Gi' });
    }
    const { body: list } = await h.get('/api/v1beta1/minions');
    assert.deepEqual([list.kind, list.selfLink, list.minions], ['MinionList', '/api/v1beta1/minions', list.items]);
  });

  test('v1beta3 and v1 read strict JSON', async () => {
    const node = (version: string) => `{"kind":"Node","apiVersion":"${version}","metadata":{"name":"a",}}`;
    for (const version of ['v1beta3', 'v1']) {
      const { code } = await h.post(`/api/${version}/nodes`, node(version));
      assert.equal(code, 400, version);
    }
    assert.equal((await h.post('/api/v1beta1/minions', '{"id": [')).code, 400);
  });
});

describe('an object of one version in the others', () => {
  test('is listed, updated, patched and deleted', async () => {
    assert.equal((await h.post(pods, oldPod('web'))).code, 201);
    const listed = await h.get(`${pods3}?labelSelector=name%3Dweb`);
    assert.deepEqual([listed.body.kind, listed.body.items[0].metadata.name], ['PodList', 'web']);
    assert.equal(listed.body.items[0].kind, undefined);

    const { body: pod3 } = await h.get(`${pods3}/web`);
    pod3.metadata.labels.tier = 'front';
    const updated = await h.put(`${pods3}/web`, pod3);
    assert.equal(updated.code, 200, updated.text);
    assert.equal((await h.get(`${pods1}/web`)).body.metadata.labels.tier, 'front');

    const patched = await h.merge('/api/v1beta2/pods/web', { labels: { tier: null, more: 'x' } });
    assert.equal(patched.code, 200, patched.text);
    assert.deepEqual(patched.body.labels, { name: 'web', more: 'x' });
    assert.deepEqual((await h.get(`${pods1}/web`)).body.metadata.labels, { name: 'web', more: 'x' });

    const deleted = await h.delete(`${pods}/web`);
    assert.deepEqual([deleted.code, deleted.body.kind, deleted.body.id], [200, 'Pod', 'web']);
    assert.equal((await h.get(`${pods1}/web`)).code, 404);
  });

  test('keeps what the old version cannot see', async () => {
    const body = podBody('newer');
    const toleration = { key: 'a', operator: 'Exists' };
    const [container] = body.spec.containers;
    const spec = { ...body.spec, tolerations: [toleration], containers: [{ ...container, stdin: true }] };
    assert.equal((await h.post(pods1, { ...body, spec })).code, 201);
    const before = (await h.get(`${pods1}/newer`)).body;

    const { body: old } = await h.get(`${pods}/newer`);
    old.labels = { seen: 'yes' };
    old.desiredState.manifest.containers[0].image = 'test:2';
    const { code, text } = await h.put(`${pods}/newer`, old);

    assert.equal(code, 200, text);
    const after = (await h.get(`${pods1}/newer`)).body;
    before.spec.containers[0].image = 'test:2';
    assert.deepEqual(after.spec, before.spec);
    assert.deepEqual(after.metadata.labels, { seen: 'yes' });
  });

  test('a version that is past is a conflict, none is no condition', async () => {
    await h.post(pods, oldPod('old'));
    const { body } = await h.get(`${pods}/old`);
    await h.merge(`${pods}/old`, { labels: { a: 'b' } });
    const conflict = await h.put(`${pods}/old`, body);
    assert.deepEqual([conflict.code, conflict.body.reason], [409, 'Conflict']);
    assert.match(conflict.body.message, /^pods "old" cannot be updated: /);
    assert.equal((await h.put(`${pods}/old`, oldPod('old', { labels: { c: 'd' } }))).code, 200);
    assert.deepEqual((await h.get(`${pods}/old`)).body.labels, { c: 'd' });
  });

  test('statuses, bindings and finalizers have their paths', async () => {
    await h.post(pods, oldPod('bound'));
    const bound = await h.post('/api/v1beta1/bindings', { kind: 'Binding', podID: 'bound', host: '10.1.2.3' });
    assert.deepEqual(
      [bound.code, bound.text.replace(/\s/g, '')],
      [201, '{"kind":"Status","creationTimestamp":null,"apiVersion":"v1beta1","status":"Success","code":201}'],
    );
    const { body } = await h.get(`${pods}/bound`);
    assert.deepEqual([body.desiredState.host, body.currentState.host], ['10.1.2.3', '10.1.2.3']);
    const again = await h.post(`${pods3}/bound/binding`, { metadata: { name: 'bound' }, target: { name: 'x' } });
    assert.deepEqual([again.code, again.body.details], [409, { id: 'bound', kind: 'binding' }]);

    body.currentState.status = 'Running';
    const running = await h.put(`${pods}/bound/status`, body);
    assert.equal(running.code, 200, running.text);
    assert.equal(running.body.selfLink, '/api/v1beta1/pods/bound/status?namespace=default');
    assert.equal((await h.get(`${pods1}/bound`)).body.status.phase, 'Running');

    await h.post('/api/v1beta2/namespaces', { id: 'ending' });
    const { body: ending } = await h.delete('/api/v1beta2/namespaces/ending');
    assert.deepEqual([ending.kind, ending.status.phase], ['Namespace', 'Terminating']);
    const { code } = await h.put('/api/v1beta2/namespaces/ending/finalize', { ...ending, spec: { finalizers: [] } });
    assert.equal(code, 200);
    assert.equal((await h.get('/api/v1/namespaces/ending')).code, 404);
  });

  test('patches of each type merge lists by the keys of the version', async () => {
    await h.post(pods, oldPod('patches'));
    const patch = async (path: string, type: string, body: unknown) => {
      const headers = { 'Content-Type': `application/${type}-patch+json` };
      const { code, text, body: answer } = await h.call('PATCH', path, { body, headers });
      assert.equal(code, 200, text);
      return answer;
    };
    const containers = [{ name: 'main', image: 'test:2' }];
    const merged = await patch(`${pods}/patches`, 'strategic-merge', { desiredState: { manifest: { containers } } });
    const [main] = merged.desiredState.manifest.containers;
    assert.deepEqual([main.image, main.cpu], ['test:2', 100]);

    const spec = { containers: [{ name: 'main', image: 'test:3' }] };
    const third = await patch(`${pods3}/patches`, 'strategic-merge', { spec });
    assert.equal(third.spec.containers[0].resources.limits.cpu, '100m');

    const labelled = await patch(`${pods}/patches`, 'json', [{ op: 'add', path: '/labels/a', value: 'b' }]);
    assert.deepEqual(labelled.labels, { name: 'patches', a: 'b' });

    const headers = { 'Content-Type': 'application/apply-patch+yaml' };
    const applied = await h.call('PATCH', `${pods}/patches?fieldManager=x`, { body: oldPod('patches'), headers });
    assert.equal(applied.code, 415, applied.text);
  });

  test('a body may be of another version than its path', async () => {
    const { code, body } = await h.post(pods3, oldPod('foreign'));
    assert.deepEqual([code, body.apiVersion, body.metadata.name], [201, 'v1beta3', 'foreign']);
  });

  test('a service and its endpoints', async () => {
    const service = { kind: 'Service', apiVersion: 'v1beta1', id: 'front', port: 80, selector: { name: 'web' } };
    const { body } = await h.post('/api/v1beta1/services', service);
    assert.deepEqual([body.port, body.containerPort, body.protocol], [80, 80, 'TCP']);
    assert.equal((await h.get('/api/v1/namespaces/default/services/front')).body.spec.clusterIP, body.portalIP);
    body.port = 81;
    body.ports[0].port = 81;
    assert.equal((await h.put('/api/v1beta1/services/front', body)).code, 200);

    const endpoints = { kind: 'Endpoints', apiVersion: 'v1beta1', id: 'front', endpoints: ['10.1.0.2:80'] };
    assert.equal((await h.put('/api/v1beta1/endpoints/front', endpoints)).code, 201);
    const made = await h.get('/api/v1/namespaces/default/endpoints/front');
    assert.deepEqual(made.body.subsets, [{ addresses: [{ ip: '10.1.0.2' }], ports: [{ port: 80, protocol: 'TCP' }] }]);

    const deleted = await h.delete('/api/v1beta3/namespaces/default/services/front');
    assert.equal(
      deleted.text.replace(/\s/g, ''),
      '{"kind":"Status","metadata":{},"apiVersion":"v1beta3","status":"Success","code":200}',
    );
  });
});

describe('kinds of 0.17', () => {
  test('quotas and limits count in whole numbers before v1beta3', async () => {
    const hard = { cpu: '20', memory: 1073741824, pods: 10 };
    const quota = await h.post('/api/v1beta1/resourceQuotas', { id: 'quota', spec: { hard } });
    assert.equal(quota.code, 201, quota.text);
    assert.deepEqual(quota.body.spec.hard, { cpu: '20', memory: 1073741824, pods: 10 });
    const { body: now } = await h.get('/api/v1/namespaces/default/resourcequotas/quota');
    assert.deepEqual(now.spec.hard, { cpu: '20', memory: '1Gi', pods: '10' });
    assert.equal((await h.delete('/api/v1beta2/resourceQuotas/quota')).body.kind, 'ResourceQuota');

    const limits = [{ type: 'Container', max: { cpu: '2' }, default: { memory: '64Mi' } }];
    const range = await h.post('/api/v1beta3/namespaces/default/limitranges', {
      metadata: { name: 'limits' },
      spec: { limits },
    });
    assert.equal(range.code, 201, range.text);
    const { body: old } = await h.get('/api/v1beta1/limitRanges/limits');
    assert.deepEqual(old.spec.limits[0].default.memory, 67108864);
    assert.equal((await h.delete('/api/v1beta1/limitRanges/limits')).body.kind, 'Status');
  });

  test('volumes and claims; a claim tells its volume in its status', async () => {
    const volume = {
      id: 'disk',
      spec: {
        capacity: { storage: 1024 },
        accessModes: ['ReadWriteOnce'],
        persistentDisk: { pdName: 'a', fsType: 'ext4' },
      },
    };
    assert.equal((await h.post('/api/v1beta1/persistentVolumes', volume)).code, 201);
    const { body: now } = await h.get('/api/v1/persistentvolumes/disk');
    assert.deepEqual([now.spec.gcePersistentDisk.pdName, now.spec.capacity], ['a', { storage: '1024' }]);

    const requests = { storage: '1Ki' };
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests }, volumeName: 'disk' };
    const claims = '/api/v1/namespaces/default/persistentvolumeclaims';
    assert.equal((await h.post(claims, { metadata: { name: 'mine' }, spec })).code, 201);
    const { body: old } = await h.get('/api/v1beta2/persistentVolumeClaims/mine');
    assert.deepEqual(
      [old.status.volumeRef, old.spec.resources.requests],
      [{ kind: 'PersistentVolume', name: 'disk' }, { storage: 1024 }],
    );
  });

  test('templates came with v1beta3, component statuses said when nothing was wrong', async () => {
    const spec = { containers: [{ name: 'main', image: 'test' }] };
    const path = '/api/v1beta3/namespaces/default/podtemplates';
    assert.equal((await h.post(path, { metadata: { name: 'web' }, template: { spec } })).code, 201);
    assert.equal((await h.get('/api/v1beta1/podTemplates')).code, 404);

    const { body } = await h.get('/api/v1beta1/componentStatuses');
    assert.equal(body.kind, 'ComponentStatusList');
    const { id, conditions } = body.items.find((item: { id: string }) => item.id === 'etcd-0');
    assert.deepEqual([id, conditions[0].status, conditions[0].error], ['etcd-0', 'Full', 'nil']);
    const third = await h.get('/api/v1beta3/namespaces/default/componentstatuses/etcd-0');
    assert.equal(third.body.conditions[0].status, 'True', third.text);
  });

  test('kinds that came later are in no old version', async () => {
    for (const path of [
      'v1beta3/configmaps',
      'v1beta3/serviceaccounts',
      'v1beta1/configMaps',
      'v1beta1/serviceAccounts',
    ]) {
      assert.equal((await h.get(`/api/${path}`)).code, 404, path);
    }
  });
});

describe('paths and queries', () => {
  test('one object is in the default namespace, a list in all, unless the query says', async () => {
    await h.post('/api/v1beta1/namespaces', { id: 'team' });
    await h.post(`${pods}?namespace=team`, oldPod('theirs'));
    const ids = async (path: string) => (await h.get(path)).body.items.map(({ id }: { id: string }) => id);

    assert.ok((await ids(pods)).includes('theirs'));
    assert.deepEqual(await ids(`${pods}?namespace=team`), ['theirs']);
    assert.ok(!(await ids(`${pods}?namespace=default`)).includes('theirs'));
    assert.equal((await h.get(`${pods}/theirs`)).code, 404);
    const { body } = await h.get(`${pods}/theirs?namespace=team`);
    assert.equal(body.selfLink, '/api/v1beta1/pods/theirs?namespace=team');
    assert.equal((await h.get(`${pods}?namespace=team`)).body.selfLink, '/api/v1beta1/pods?namespace=team');
    assert.equal((await h.get(pods)).body.selfLink, '/api/v1beta1/pods?namespace=');
    assert.equal((await h.get(pods3)).body.metadata.selfLink, pods3);
  });

  test('the case of names counts, and names are those of the version', async () => {
    for (const path of [
      'v1beta1/replicationControllers',
      'v1beta2/replicationControllers',
      'v1beta3/replicationcontrollers',
      'v1beta1/nodes',
      'v1beta1/minions/',
      'v1beta3/nodes',
    ]) {
      assert.equal((await h.get(`/api/${path}`)).code, 200, path);
    }
    for (const path of [
      'v1beta1/replicationcontrollers',
      'v1beta3/replicationControllers',
      'v1beta3/minions',
      'v1/minions',
      'v1beta1/namespaces/default/pods',
      'v1beta1/pods/a/unknown',
      'v1beta3/namespaces//pods',
      'v1beta1/',
      'v1beta9/pods',
    ]) {
      const { code, body } = await h.get(`/api/${path}`);
      assert.deepEqual([code, body.message], [404, 'the server could not find the requested resource'], path);
    }
  });

  test('selectors by the names of the version', async () => {
    await h.post(pods, oldPod('a', { desiredState: { ...oldPod('a').desiredState, host: 'core-01' } }));
    const found = async (path: string) => {
      const { body, text } = await h.get(path);
      assert.ok(body.items, text);
      return body.items.map((item: { id?: string; metadata?: { name: string } }) => item.id ?? item.metadata?.name);
    };
    assert.deepEqual(await found(`${pods}?labels=name%3Da`), ['a']);
    assert.deepEqual(await found(`${pods}?fields=DesiredState.Host%3Dcore-01`), ['a']);
    assert.deepEqual(await found(`${pods}?fields=name%3Da,DesiredState.Status%3DWaiting`), ['a']);
    assert.ok(!(await found(`${pods}?fields=DesiredState.Host%3D`)).includes('a'));
    assert.deepEqual(await found(`${pods3}?fieldSelector=spec.host%3Dcore-01`), ['a']);
    assert.ok((await found(`${pods}?labelSelector=name%3Da`)).length > 1, 'a word of v1beta3 is no word of v1beta1');

    for (const path of [
      `${pods}?fields=spec.host%3Da`,
      `${pods3}?fieldSelector=DesiredState.Host%3Da`,
      '/api/v1beta1/events?fields=involvedObject.name%3Da',
    ]) {
      const { code, body } = await h.get(path);
      assert.equal(code, 400);
      assert.match(body.message, /^field label not supported: /);
    }
    assert.equal((await h.get('/api/v1beta1/events?fields=involvedObject.id%3Da,reason!%3Db')).code, 200);
  });

  test('methods that were not there are a 405', async () => {
    for (const [method, path] of [
      ['DELETE', pods],
      ['PUT', pods],
      ['POST', `${pods}/a`],
    ] as const) {
      const { code, body } = await h.call(method, path, { body: {} });
      assert.deepEqual([code, body.apiVersion, body.reason], [405, 'v1beta1', 'MethodNotAllowed'], `${method} ${path}`);
    }
  });

  test('a patch of another type is a 415 without a reason', async () => {
    await h.post(pods, oldPod('patched'));
    const headers = { 'Content-Type': 'application/unknown' };
    const { code, body } = await h.call('PATCH', `${pods}/patched`, { body: {}, headers });
    assert.deepEqual([code, body.reason], [415, undefined]);
    assert.match(body.message, /^the server responded with the status code 415/);
  });
});

describe('answers', () => {
  test('are indented unless told otherwise', async () => {
    assert.match((await h.get('/api/v1beta1/minions')).text, /^\{\n {2}"kind": "MinionList",\n/);
    assert.match((await h.get('/api/v1beta1/minions?pretty=false')).text, /^\{"kind":"MinionList",/);
  });

  test('errors are a Status of the version, in its words', async () => {
    const missing = await h.get('/api/v1beta1/minions/none');
    assert.deepEqual(missing.body, {
      kind: 'Status',
      creationTimestamp: null,
      apiVersion: 'v1beta1',
      status: 'Failure',
      message: 'minion "none" not found',
      reason: 'NotFound',
      details: { id: 'none', kind: 'minion' },
      code: 404,
    });
    const { body } = await h.post(pods3, { kind: 'Pod', metadata: { name: 'Bad' } });
    assert.deepEqual([body.apiVersion, body.metadata, body.reason], ['v1beta3', {}, 'Invalid']);
    assert.deepEqual(body.details.causes.at(-1), {
      reason: 'FieldValueRequired',
      message: 'spec.containers: required value',
      field: 'spec.containers',
    });
    assert.match(
      body.message,
      /^Pod "Bad" is invalid: \[metadata\.name: invalid value 'Bad': .*, spec\.containers: required value\]$/,
    );
    await h.post(pods, oldPod('twice'));
    assert.equal((await h.post(pods, oldPod('twice'))).body.message, 'pods "twice" already exists');
    const wrong = await h.post(pods, oldPod('x', { labels: 'none' }));
    assert.match(wrong.body.message, /^Pod in version v1beta1 cannot be handled as a Pod: .*metadata\.labels must be/);
  });

  test('a Table is the same in every version, and YAML is the object of the version', async () => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
    const { body: old } = await h.get('/api/v1beta1/minions', { Accept: accept });
    const { body: now } = await h.get('/api/v1/nodes', { Accept: accept });
    assert.deepEqual(old, now);
    const { text } = await h.get('/api/v1beta1/minions/10.1.2.3', { Accept: 'application/yaml' });
    assert.equal(parse(text).kind, 'Minion');
  });

  test('discovery names the versions, v1 first, and what each had', async () => {
    assert.deepEqual((await h.get('/api')).body.versions, ['v1', 'v1beta1', 'v1beta2', 'v1beta3']);
    const names = async (version: string) =>
      (await h.get(`/api/${version}`)).body.resources.map(({ name }: { name: string }) => name);
    assert.ok((await names('v1beta1')).includes('minions'));
    assert.deepEqual((await h.get('/apis/v1beta1')).body, (await h.get('/api/v1beta1')).body, 'for client-go');
    assert.ok(!(await names('v1beta3')).includes('minions'));
    assert.deepEqual(
      (await h.get('/')).body.paths.filter((path: string) => path.startsWith('/api/')),
      ['/api/v1', '/api/v1beta1', '/api/v1beta2', '/api/v1beta3'],
    );
  });
});

describe('watches', () => {
  const seen = ({ events }: HttpWatch) =>
    events.map(({ type, object }) => `${type} ${object.apiVersion} ${object.id ?? object.metadata.name}`);

  test('tell every change in their own version, wherever it was made', async () => {
    const watches = [
      new HttpWatch(h.port, '/api/v1beta1/watch/pods?labels=watched%3Dyes'),
      new HttpWatch(h.port, '/api/v1beta1/pods?watch=true&labels=watched%3Dyes'),
      new HttpWatch(h.port, '/api/v1beta3/watch/namespaces/default/pods?labelSelector=watched%3Dyes'),
      new HttpWatch(h.port, '/api/v1/watch/pods?labelSelector=watched%3Dyes'),
      new HttpWatch(h.port, '/api/v1/watch/namespaces/default/pods/seen'),
      new HttpWatch(h.port, '/api/v1beta2/watch/pods/seen'),
    ];
    for (const watch of watches) await watch.open();
    await h.post(pods1, podBody('seen', { labels: { watched: 'yes' } }));
    await h.merge(`${pods3}/seen`, { metadata: { labels: { a: 'b' } } });
    await h.delete(`${pods}/seen`);
    for (const watch of watches) await watch.count(3);

    const versions = ['v1beta1', 'v1beta1', 'v1beta3', 'v1', 'v1', 'v1beta2'];
    for (const [i, watch] of watches.entries()) {
      const version = versions[i];
      assert.deepEqual(seen(watch), [`ADDED ${version} seen`, `MODIFIED ${version} seen`, `DELETED ${version} seen`]);
      watch.close();
    }
    assert.equal(watches[0]!.events[0].object.selfLink, '/api/v1beta1/pods/seen?namespace=default');
  });

  test('go on from a list', async () => {
    const { resourceVersion } = (await h.get(pods)).body;
    assert.equal(typeof resourceVersion, 'number');
    await h.post(pods, oldPod('after'));
    const watch = new HttpWatch(h.port, `${pods}?watch=true&resourceVersion=${resourceVersion}`);
    await watch.count(1);
    assert.deepEqual(seen(watch), ['ADDED v1beta1 after']);
    watch.close();
  });

  test('a name and a field selector together are refused', async () => {
    const { code, body } = await h.get('/api/v1beta1/watch/pods/a?fields=name%3Da');
    assert.equal(code, 400);
    assert.equal(body.message, 'both a name and a field selector provided; please provide one or the other.');
  });
});

test('bodies of every shape are refused or taken, and never break the server', async () => {
  const bodies: Record<string, object> = {
    'v1beta1/pods': oldPod('fuzz', { currentState: { status: 'Running', info: { main: {} } }, nodeSelector: {} }),
    'v1beta1/minions': { id: 'fuzz', hostIP: 'a', resources: { capacity: { cpu: 1 } }, status: { conditions: [] } },
    'v1beta2/services': { id: 'fuzz', port: 80, ports: [{ port: 80, containerPort: 'a' }], selector: {} },
    'v1beta1/endpoints': { id: 'fuzz', endpoints: ['1.2.3.4:5'], targetRefs: [{ endpoint: 'a' }], subsets: [] },
    'v1beta1/replicationControllers': {
      id: 'fuzz',
      desiredState: { replicas: 1, replicaSelector: { a: 'b' }, podTemplate: { labels: { a: 'b' } } },
    },
    'v1beta3/namespaces/default/pods': { metadata: { name: 'fuzz' }, spec: { containers: [{ name: 'a' }] } },
  };
  const odd = fc.oneof(fc.jsonValue(), fc.constantFrom({ toString: 1 }, { __proto__: 1 }, '%', -1, 1e300));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(bodies)),
      fc.nat(),
      odd,
      fc.constantFrom('POST', 'PUT', 'PATCH'),
      async (path, place, value, method) => {
        const body = structuredClone(bodies[path]!);
        const holders = membersIn(body);
        const [holder, member] = holders[place % holders.length]!;
        holder[member] = value;
        const url = `/api/${path}${method === 'POST' ? '' : '/fuzz'}`;
        const headers = method === 'PATCH' ? { 'Content-Type': 'application/merge-patch+json' } : {};
        const { code, text } = await h.call(method, url, { body, headers });
        assert.ok(code < 500, text);
      },
    ),
    { numRuns: 300 },
  );
});

type Members = Record<string, unknown>;

/** Every member of every object in `value`, with the object it is in. */
function membersIn(value: unknown): [Members, string][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [[value as Members, name], ...membersIn(member)]);
}
