/** Aggregated discovery, health part by part, and the older /validate. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { silentLog } from '../../../src/core/async/log.ts';
import { openEmbeddedStore } from '../../../src/core/store/index.ts';
import { virtualClock } from '../../helpers/clock.ts';
import { type Harness, startServer, withOverrides } from './harness.ts';

/** As kubectl 1.32 sends it. */
const aggregatedAccept =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

let h: Harness;
before(async () => {
  const stands = () => {
    throw new Error('it stands still');
  };
  h = await startServer({
    components: [
      { name: 'scheduler', check: () => 'ok' },
      { name: 'controller-manager', check: stands },
      { name: 'elsewhere', check: () => undefined },
    ],
  });
});

test('all resources in one document, for who asks for it', async () => {
  const { headers, text } = await h.get('/api', { Accept: aggregatedAccept });
  assert.equal(headers['content-type'], 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
  assert.equal(headers['vary'], 'Accept');
  assert.equal(headers['cache-control'], 'public');

  const { apiVersion, items } = JSON.parse(text);
  assert.equal(apiVersion, 'apidiscovery.k8s.io/v2');
  assert.deepEqual(items[0].metadata, { name: '', creationTimestamp: null });
  const [{ version, freshness, resources }] = items[0].versions;
  assert.deepEqual([version, freshness], ['v1', 'Current']);
  const resource = (name: string) => resources.find((r: { resource: string }) => r.resource === name);
  const Namespace = { group: '', version: 'v1', kind: 'Namespace' };
  assert.deepEqual(resource('namespaces'), {
    resource: 'namespaces',
    responseKind: Namespace,
    scope: 'Cluster',
    singularResource: 'namespace',
    verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    shortNames: ['ns'],
    subresources: [
      { subresource: 'finalize', responseKind: Namespace, verbs: ['update'] },
      { subresource: 'status', responseKind: Namespace, verbs: ['get', 'patch', 'update'] },
    ],
  });
  assert.equal(resource('pods').scope, 'Namespaced');
  assert.deepEqual(resource('pods').categories, ['all']);
});

test('clients of 1.26 get v2beta1, older ones and browsers the lists', async () => {
  const old = await h.get('/apis', { Accept: aggregatedAccept.slice(aggregatedAccept.indexOf(',') + 1) });
  assert.equal(
    old.headers['content-type'],
    'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
  );
  assert.equal(JSON.parse(old.text).apiVersion, 'apidiscovery.k8s.io/v2beta1');
  for (const accept of ['application/json', 'application/json, */*', '*/*']) {
    assert.equal((await h.get('/api', { Accept: accept })).body.kind, 'APIVersions', accept);
  }
});

test('who has the document already is told so', async () => {
  const { etag } = (await h.get('/api', { Accept: aggregatedAccept })).headers;
  assert.match(String(etag), /^"[0-9A-F]{128}"$/);
  const again = await h.get('/api', { Accept: aggregatedAccept, 'If-None-Match': `"old", ${etag}` });
  assert.deepEqual([again.code, again.text], [304, '']);
  assert.equal((await h.get('/api', { Accept: aggregatedAccept, 'If-None-Match': '"old"' })).code, 200);
});

test('health tells its parts, all and one by one', async () => {
  assert.equal((await h.get('/readyz?verbose')).text, '[+]ping ok\n[+]etcd ok\nreadyz check passed\n');
  assert.equal((await h.get('/livez?verbose')).text, '[+]ping ok\nlivez check passed\n');
  assert.equal((await h.get('/healthz?verbose&exclude=etcd')).text, '[+]ping ok\nhealthz check passed\n');
  for (const path of ['/readyz', '/readyz/etcd', '/livez/ping', '/healthz/ping']) {
    assert.equal((await h.get(path)).text, 'ok', path);
  }
  assert.equal((await h.get('/readyz/nothing')).code, 404);
});

test('a server whose store does not answer is alive, but not ready', async () => {
  let broken = false;
  const store = await openEmbeddedStore({ clock: virtualClock(), log: silentLog });
  const range: typeof store.range = async (...asked) => {
    if (broken) throw new Error('the disk is gone');
    return store.range(...asked);
  };
  const ill = await startServer({ store: withOverrides(store, { range }) });
  broken = true;

  assert.equal((await ill.get('/livez')).code, 200);
  const { code, text } = await ill.get('/readyz');
  assert.equal(code, 500);
  assert.equal(text, '[+]ping ok\n[-]etcd failed: the disk is gone\nreadyz check failed\n');
  assert.equal((await ill.get('/readyz/etcd')).code, 500);
});

test('/validate asks the components', async () => {
  const { code, headers, text } = await h.get('/validate');
  assert.equal(code, 200);
  assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
  assert.deepEqual(JSON.parse(text), [
    { component: 'scheduler', health: 'success', msg: 'ok', err: 'nil' },
    { component: 'controller-manager', health: 'failure', healthCode: 1, err: 'it stands still' },
    { component: 'elsewhere', health: 'unknown', healthCode: 2 },
    { component: 'etcd-0', health: 'success', msg: '{"health": "true"}', err: 'nil' },
  ]);
});
