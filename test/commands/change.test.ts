/** Verbs that change or end objects: resize, label, delete, stop; and wait. */
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { Namespace, Pod, ReplicationController } from '../../src/core/api/kinds/index.ts';
import { Interrupted } from '../../src/core/cli/errors.ts';
import { startApi, type TestCluster } from '../helpers/cli.ts';
import { waitFor } from '../helpers/wait.ts';

const api: TestCluster = await startApi();
after(() => api.close());

const containers = [{ name: 'c', image: 'nginx' }];
let namespace = '';
let count = 0;

/** Every test works in a namespace of its own. */
beforeEach(async () => {
  namespace = `test-${++count}`;
  await api.client.create(Namespace, { metadata: { name: namespace } });
  await api.client.create(ReplicationController, {
    metadata: { name: 'web', namespace },
    spec: {
      replicas: 3,
      selector: { app: 'web' },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers } },
    },
  });
});

const run = (line: string, options = {}) => api.run(`-n ${namespace} ${line}`, options);
const pod = (name: string, labels: Record<string, string> = {}) =>
  api.client.create(Pod, { metadata: { name, namespace, labels }, spec: { containers } });
const replicas = async () => (await api.client.get(ReplicationController, namespace, 'web')).spec.replicas;
const podNames = async () => (await api.client.list(Pod, namespace)).items.map(({ metadata }) => metadata.name);

test('resize takes both historical forms', async () => {
  assert.deepEqual(await run('resize rc web --replicas=5'), {
    code: 0,
    stdout: 'replicationcontroller/web resized\n',
    stderr: '',
  });
  assert.equal(await replicas(), 5);
  assert.equal((await run('resize web 2')).code, 0);
  assert.equal(await replicas(), 2);
});

test('resize keeps its conditions', async () => {
  const { metadata } = await api.client.get(ReplicationController, namespace, 'web');
  const wrong = await run('resize rc web --replicas=5 --current-replicas=4');
  assert.deepEqual(wrong, { code: 1, stdout: '', stderr: 'error: Expected replicas to be 4, was 3\n' });
  assert.match(
    (await run('resize rc web --replicas=5 --resource-version=1')).stderr,
    /Expected resource version to be 1, was/,
  );
  assert.equal(
    (await run(`resize rc web --replicas=5 --current-replicas=3 --resource-version=${metadata.resourceVersion}`)).code,
    0,
  );
  assert.equal(await replicas(), 5);
});

test('resize is for replication controllers', async () => {
  assert.match((await run('resize pod web --replicas=1')).stderr, /no resizer has been implemented for "Pod"/);
  assert.equal((await run('resize rc web --replicas=-1')).code, 2);
  assert.equal((await run('resize rc web')).code, 2);
  assert.match(
    (await run('resize rc nosuch --replicas=1')).stderr,
    /\(NotFound\): replicationcontrollers "nosuch" not found/,
  );
});

test('label adds, refuses to overwrite, overwrites and removes', async () => {
  await pod('a', { old: 'x' });
  assert.equal((await run('label pod a tier=front')).stdout, 'pod/a labeled\n');
  assert.deepEqual(await run('label pod a tier=back'), {
    code: 1,
    stdout: '',
    stderr: "error: 'tier' already has a value (front), and --overwrite is false\n",
  });
  assert.equal((await run('label --overwrite pod a tier=back')).stdout, 'pod/a labeled\n');
  assert.equal((await run('label pod a tier=back')).stdout, 'pod/a not labeled\n');
  assert.equal((await run('label pod/a old-')).stdout, 'pod/a unlabeled\n');
  assert.deepEqual((await api.client.get(Pod, namespace, 'a')).metadata.labels, { tier: 'back' });
  assert.match((await run('label pod a')).stderr, /no labels given/);
});

test('label works on all, or on what a selector selects', async () => {
  await pod('a', { app: 'x' });
  await pod('b');
  assert.equal((await run('label pods --all seen=yes')).stdout, 'pod/a labeled\npod/b labeled\n');
  assert.equal((await run('label pods -l app=x seen-')).stdout, 'pod/a unlabeled\n');
});

test('delete by name, TYPE/NAME, file, selector and --all', async () => {
  for (const name of ['a', 'b', 'c', 'd', 'e']) await pod(name, name < 'd' ? { app: 'x' } : {});
  assert.deepEqual(await run('delete pod a'), { code: 0, stdout: 'pod "a" deleted\n', stderr: '' });
  assert.equal((await run('delete pods/b -o name')).stdout, 'pod/b\n');
  const manifest = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'e' } });
  assert.equal((await run('delete -f -', { stdin: manifest })).stdout, 'pod "e" deleted\n');
  assert.equal((await run('delete pods -l app=x')).stdout, 'pod "c" deleted\n');
  assert.equal((await run('delete pods --all')).stdout, 'pod "d" deleted\n');
  assert.deepEqual(await run('delete pods --all'), { code: 0, stdout: '', stderr: 'No resources found\n' });
});

test('delete of what is not there fails unless told otherwise, and does the rest', async () => {
  await pod('a');
  const { code, stdout, stderr } = await run('delete pod nosuch a');
  assert.deepEqual([code, stdout], [1, 'pod "a" deleted\n']);
  assert.equal(
    stderr,
    'Error from server (NotFound): pods "nosuch" not found\nerror: 1 of 2 objects were not deleted\n',
  );
  assert.deepEqual(await run('delete pod nosuch --ignore-not-found'), { code: 0, stdout: '', stderr: '' });
});

test('delete names what it would delete, or asks for a word', async () => {
  assert.match((await run('delete pods')).stderr, /which ones\? Name them .*, select them with -l, or say --all/);
  assert.equal((await run('delete pod a --all')).code, 2);
  assert.equal((await run('delete')).code, 2);
  assert.match((await run('delete pod a --cascade=maybe')).stderr, /Expected --cascade=maybe to be one of/);
});

/** A pod on a node ends gracefully: it stays until its kubelet deletes it for good. */
async function boundPod(name: string) {
  await pod(name);
  await api.client.bind(Pod, namespace, name, 'core-01');
}

test('delete waits until the object is gone', async () => {
  await boundPod('a');
  let done = false;
  const running = run('delete pod a').finally(() => {
    done = true;
  });
  await waitFor(async () => (await api.client.get(Pod, namespace, 'a')).metadata.deletionTimestamp);
  assert.equal(done, false);
  await api.client.delete(Pod, namespace, 'a', { gracePeriodSeconds: 0 });
  assert.deepEqual(await running, { code: 0, stdout: 'pod "a" deleted\n', stderr: '' });
});

test('delete ends with 124 when the wait is too long, and does not wait with --wait=false or --force', async () => {
  await boundPod('a');
  const late = await run('delete pod a --timeout=1ms');
  assert.equal(late.code, 124);
  assert.equal(late.stderr, 'error: timed out waiting for pod/a to be gone\n');
  assert.equal((await run('delete pod a --wait=false')).code, 0);
  assert.deepEqual(await podNames(), ['a']);
  assert.equal((await run('delete pod a --force')).code, 0);
  assert.deepEqual(await podNames(), []);
});

test('delete passes grace and cascade on', async () => {
  await boundPod('a');
  await run('delete pod a --grace-period=7 --wait=false');
  assert.equal((await api.client.get(Pod, namespace, 'a')).metadata.deletionGracePeriodSeconds, 7);
  await run('delete rc web --cascade=orphan --wait=false');
  const { metadata } = await api.client.get(ReplicationController, namespace, 'web');
  assert.deepEqual(metadata.finalizers, ['orphan']);
});

test('an interrupted wait ends with 130', async () => {
  await boundPod('a');
  const interrupt = new AbortController();
  const running = run('delete pod a', { signal: interrupt.signal });
  await waitFor(async () => (await api.client.get(Pod, namespace, 'a')).metadata.deletionTimestamp);
  interrupt.abort(new Interrupted());
  assert.deepEqual(await running, { code: 130, stdout: 'pod "a" deleted\n', stderr: '' });
});

test('stop NAME resizes to 0 and keeps the controller (kubecfg 0.7)', async () => {
  assert.equal((await run('stop web')).stdout, 'replicationcontroller/web resized\n');
  assert.equal(await replicas(), 0);
});

test('stop rc NAME waits until no pod is left, then deletes (kubectl 0.17)', async () => {
  await api.client.patch(
    ReplicationController,
    namespace,
    'web',
    { status: { replicas: 3 } },
    { subresource: 'status' },
  );
  const running = run('stop rc web');
  await waitFor(async () => (await replicas()) === 0);
  const { metadata } = await api.client.get(ReplicationController, namespace, 'web');
  const status = { replicas: 0, observedGeneration: metadata.generation! };
  await api.client.patch(ReplicationController, namespace, 'web', { status }, { subresource: 'status' });
  assert.deepEqual(await running, { code: 0, stdout: 'replicationcontroller "web" stopped\n', stderr: '' });
  await assert.rejects(replicas(), /not found/);
});

test('stop gives up with 124', async () => {
  await api.client.patch(
    ReplicationController,
    namespace,
    'web',
    { status: { replicas: 3 } },
    { subresource: 'status' },
  );
  const { code, stderr } = await run('stop rc web --timeout=1ms');
  assert.deepEqual(
    [code, stderr],
    [124, 'error: timed out waiting for the pods of replicationcontroller/web to end\n'],
  );
});

test('wait for a condition, a value, creation and deletion', async () => {
  await pod('a');
  const condition = { conditions: [{ type: 'Ready', status: 'True' }] };
  const ready = run('wait pod/a --for=condition=ready');
  await api.client.patch(Pod, namespace, 'a', { status: condition }, { subresource: 'status' });
  assert.deepEqual(await ready, { code: 0, stdout: 'pod/a condition met\n', stderr: '' });
  assert.equal((await run('wait pod a --for=condition=Ready=False --timeout=0')).code, 124);
  assert.equal((await run('wait pod/a --for=jsonpath={.metadata.name}=a')).code, 0);
  assert.equal((await run('wait pod/a --for=jsonpath={.metadata.uid}')).code, 0);

  const created = run('wait pod/b --for=create');
  await pod('b');
  assert.equal((await created).stdout, 'pod/b condition met\n');
  const deleted = run('wait pods --all --for=delete');
  await waitFor(async () => {
    await api.client.deleteCollection(Pod, namespace);
    return (await podNames()).length === 0;
  });
  assert.equal((await deleted).code, 0);
});

test('wait fails at once for what is not there, and with 124 in time', async () => {
  assert.match((await run('wait pod/nosuch --for=condition=Ready')).stderr, /\(NotFound\): pods "nosuch" not found/);
  assert.deepEqual(await run('wait pods -l no=such --for=condition=Ready'), {
    code: 1,
    stdout: '',
    stderr: 'error: no matching resources found\n',
  });
  await pod('a');
  assert.deepEqual(await run('wait pod/a --for=condition=Ready --timeout=1ms'), {
    code: 124,
    stdout: '',
    stderr: 'error: timed out waiting for condition=Ready on pod/a\n',
  });
  assert.match((await run('wait pod/a --for=ready')).stderr, /--for ready: use one of condition=Ready/);
  assert.match((await run('wait pod/a')).stderr, /Missing required flag for/);
  assert.match(
    (await run('wait pod/a --for=delete --timeout=soon')).stderr,
    /--timeout soon: not a duration, such as 30s/,
  );
});
