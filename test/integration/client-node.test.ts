/** The JavaScript client of Kubernetes, with the kubeconfig that `up` writes, against a daemon with a hollow machine. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import {
  ApiException,
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  Log,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  type V1ConfigMap,
  Watch,
} from '@kubernetes/client-node';
import { freePorts } from '../helpers/ports.ts';
import { Program } from '../helpers/program.ts';
import { waitFor } from '../helpers/wait.ts';

const program = new Program();
const config = new KubeConfig();
const namespace = 'default';
const path = `/api/v1/namespaces/${namespace}/configmaps`;
let core: CoreV1Api;

before(async () => {
  // After its end by SIGKILL it comes back at the same port.
  const [port] = await freePorts(1);
  await program.ok('up', '--runtime', 'hollow', '--port', String(port), ...program.local);
  config.loadFromFile(program.kubeconfig);
  core = config.makeApiClient(CoreV1Api);
});
after(() => program.remove());

const create = (name: string, data: Record<string, string>, labels: Record<string, string> = {}) =>
  core.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels }, data } });

const names = (list: { items: V1ConfigMap[] }) => list.items.map(({ metadata }) => metadata?.name);

describe('lists', () => {
  before(async () => {
    for (const name of ['a', 'b', 'c']) await create(name, { name }, { set: name === 'b' ? 'two' : 'one' });
  });

  test('by label and by field', async () => {
    assert.deepEqual(names(await core.listNamespacedConfigMap({ namespace, labelSelector: 'set=one' })), ['a', 'c']);
    assert.deepEqual(names(await core.listNamespacedConfigMap({ namespace, fieldSelector: 'metadata.name=b' })), ['b']);
  });

  test('page by page', async () => {
    const first = await core.listConfigMapForAllNamespaces({ labelSelector: 'set', limit: 2 });
    assert.deepEqual(names(first), ['a', 'b']);
    const _continue = first.metadata?._continue ?? '';
    const second = await core.listConfigMapForAllNamespaces({ labelSelector: 'set', limit: 2, _continue });
    assert.deepEqual(names(second), ['c']);
    assert.equal(second.metadata?._continue, undefined);
  });
});

test('times are times, and errors carry the Status', async () => {
  const { metadata } = await create('dated', {});
  assert.ok(metadata?.creationTimestamp instanceof Date);

  const reasonOf = (code: number) => (error: unknown) => error instanceof ApiException && error.code === code;
  await assert.rejects(create('dated', {}), reasonOf(409));
  await assert.rejects(create('Dated', {}), reasonOf(422));
  await assert.rejects(core.readNamespacedConfigMap({ namespace, name: 'nobody' }), (error) => {
    assert.ok(error instanceof ApiException);
    const { reason, message } = JSON.parse(error.body);
    assert.deepEqual([error.code, reason, message], [404, 'NotFound', 'configmaps "nobody" not found']);
    return true;
  });
});

test('a watch sees an object come, change and go', async () => {
  const events: string[] = [];
  const watching = await new Watch(config).watch(
    path,
    { fieldSelector: 'metadata.name=watched' },
    (type, { data }: V1ConfigMap) => events.push(`${type} ${data?.['color']}`),
    () => {},
  );

  await create('watched', { color: 'blue' });
  await core.replaceNamespacedConfigMap({
    namespace,
    name: 'watched',
    body: { metadata: { name: 'watched' }, data: { color: 'red' } },
  });
  await core.deleteNamespacedConfigMap({ namespace, name: 'watched' });

  await waitFor(() => events, { until: ({ length }) => length === 3, what: 'three events' });
  watching.abort();
  assert.deepEqual(events, ['ADDED blue', 'MODIFIED red', 'DELETED red']);
});

describe('patches', () => {
  const patch = async (strategy: string, body: unknown, how: { fieldManager?: string; force?: boolean } = {}) => {
    const options = setHeaderOptions('Content-Type', strategy);
    const { data } = await core.patchNamespacedConfigMap({ namespace, name: 'patched', body, ...how }, options);
    return data;
  };

  before(() => create('patched', { color: 'blue', size: '3' }));

  test('JSON', async () => {
    const body = [{ op: 'replace', path: '/data/color', value: 'red' }];
    assert.deepEqual(await patch(PatchStrategy.JsonPatch, body), { color: 'red', size: '3' });
  });

  test('merge', async () => {
    assert.deepEqual(await patch(PatchStrategy.MergePatch, { data: { size: null } }), { color: 'red' });
  });

  test('strategic merge', async () => {
    const body = { data: { shape: 'round' } };
    assert.deepEqual(await patch(PatchStrategy.StrategicMergePatch, body), { color: 'red', shape: 'round' });
  });

  test('apply, which has to be forced where others own the field', async () => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'patched' }, data: { color: 'green' } };
    const conflict = (error: unknown) => error instanceof ApiException && error.code === 409;
    await assert.rejects(patch(PatchStrategy.ServerSideApply, body, { fieldManager: 'test' }), conflict);
    const forced = { fieldManager: 'test', force: true };
    assert.deepEqual(await patch(PatchStrategy.ServerSideApply, body, forced), { color: 'green', shape: 'round' });
  });
});

test('objects of any kind, found by discovery', async () => {
  const objects = KubernetesObjectApi.makeApiClient(config);
  const metadata = { name: 'any', namespace };
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata };

  await objects.create(lease);
  const { metadata: read } = await objects.patch(
    { ...lease, metadata: { ...metadata, labels: { a: 'b' } } },
    undefined,
    undefined,
    undefined,
    undefined,
    PatchStrategy.MergePatch,
  );
  assert.deepEqual(read?.labels, { a: 'b' });
  const { items } = await objects.list('coordination.k8s.io/v1', 'Lease', namespace);
  assert.ok(items.some((item) => item.metadata?.name === 'any'));
  await objects.delete(lease);
  await assert.rejects(objects.read(lease), (error) => error instanceof ApiException && error.code === 404);
});

test('logs, whole and followed', async () => {
  await core.createNamespacedPod({
    namespace,
    body: { metadata: { name: 'web' }, spec: { containers: [{ name: 'main', image: 'web:1' }] } },
  });
  const line = 'main runs on core-01\n';
  await waitFor(() => core.readNamespacedPodLog({ namespace, name: 'web' }), { until: (text) => text === line });

  const followed = new PassThrough();
  const following = await new Log(config).log(namespace, 'web', 'main', followed, { follow: true, tailLines: 1 });
  const [first] = await followed.take(1).toArray();
  assert.equal(String(first), line);
  following.abort();
});

test('an informer goes on where it was after kill -9 of the server', async (t) => {
  const informer = makeInformer(config, path, () => core.listNamespacedConfigMap({ namespace }));
  let isOver = false;
  t.after(() => {
    isOver = true;
    return informer.stop();
  });
  const seen: string[] = [];
  informer.on('add', ({ metadata }) => seen.push(`add ${metadata?.name}`));
  informer.on('delete', ({ metadata }) => seen.push(`delete ${metadata?.name}`));
  // What its documentation tells users to do, as the server may be away for a while.
  let tries = 0;
  informer.on('error', () => {
    tries++;
    if (!isOver) setTimeout(() => void informer.start(), 20);
  });
  await create('before', {});
  await informer.start();
  await waitFor(() => informer.get('before', namespace), { what: 'the object there was' });
  seen.length = 0;

  process.kill((await program.json<{ pid: number }>('status', ...program.local)).pid, 'SIGKILL');
  await waitFor(() => tries > 0, { what: 'the end of the watch' });
  await program.ok('up', ...program.local);
  await create('later', {});
  await core.deleteNamespacedConfigMap({ namespace, name: 'before' });

  await waitFor(() => seen.length >= 2, { what: 'what happened after the restart', withinMs: 10_000 });
  assert.deepEqual(seen, ['add later', 'delete before'], 'nothing twice, nothing lost');
});
