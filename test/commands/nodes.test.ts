/** Verbs for nodes: cordon, uncordon, drain. */
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { Node, Pod, ReplicationController } from '../../src/core/api/kinds/index.ts';
import { startApi, type TestCluster } from '../helpers/cli.ts';

const api: TestCluster = await startApi();
after(() => api.close());

/** Every test has two nodes of its own, named after it. */
let count = 0;
let one = '';
let two = '';
beforeEach(async () => {
  count++;
  [one, two] = [`a${count}`, `b${count}`];
  for (const name of [one, two]) {
    await api.client.create(Node, { metadata: { name, labels: { test: `t${count}` } } });
  }
});

const closed = async (name: string) => (await api.client.get(Node, '', name)).spec.unschedulable ?? false;

const containers = [{ name: 'c', image: 'nginx' }];
async function podOn(nodeName: string, name: string, more: Partial<Pod['spec']> = {}, owned = true) {
  const rc = await api.client.create(ReplicationController, {
    metadata: { name: `rc-${name}`, namespace: 'default' },
    spec: { replicas: 1, selector: { name }, template: { metadata: { labels: { name } }, spec: { containers } } },
  });
  const owner = {
    ...{ apiVersion: 'v1', kind: 'ReplicationController', name: rc.metadata.name, uid: rc.metadata.uid },
    controller: true,
  };
  const metadata = { name, namespace: 'default', labels: { name }, ...(owned && { ownerReferences: [owner] }) };
  return api.client.create(Pod, {
    metadata,
    spec: { containers, nodeName, terminationGracePeriodSeconds: 0, ...more },
  });
}
const podNames = async (node: string) =>
  (await api.client.list(Pod, '', { fieldSelector: `spec.nodeName=${node}` })).items.map(
    ({ metadata }) => metadata.name,
  );

test('cordon closes a node, uncordon opens it, both say what was so already', async () => {
  assert.deepEqual(await api.run(`cordon ${one}`), { code: 0, stdout: `node/${one} cordoned\n`, stderr: '' });
  assert.equal(await closed(one), true);
  assert.equal((await api.run(`cordon ${one}`)).stdout, `node/${one} already cordoned\n`);
  assert.equal((await api.run(`uncordon ${one}`)).stdout, `node/${one} uncordoned\n`);
  assert.equal(await closed(one), false);
  assert.equal((await api.run(`uncordon ${one}`)).stdout, `node/${one} already uncordoned\n`);
});

test('a selector names several nodes', async () => {
  assert.equal((await api.run(`cordon -l test=t${count}`)).stdout, `node/${one} cordoned\nnode/${two} cordoned\n`);
});

test('no node, and no such node', async () => {
  const none = await api.run('cordon');
  assert.equal(none.code, 2);
  assert.match(none.stderr, /which nodes\? Name them \(kubecfg cordon core-01\)/);
  const wrong = await api.run('drain nosuch');
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /nodes "nosuch" not found/);
});

test('drain closes the node and evicts its pods, and those alone', async () => {
  await podOn(one, `web-${count}`);
  await podOn(two, `stays-${count}`);
  const { code, stdout } = await api.run(`drain ${one}`);
  assert.equal(code, 0);
  assert.equal(
    stdout,
    `node/${one} cordoned\nevicting pod default/web-${count}\npod/web-${count} evicted\nnode/${one} drained\n`,
  );
  assert.deepEqual(await podNames(one), []);
  assert.deepEqual(await podNames(two), [`stays-${count}`]);
});

test('drain refuses to lose a pod for good unless it is told to', async () => {
  await podOn(one, `bare-${count}`, {}, false);
  await podOn(one, `web-${count}`);
  const refused = await api.run(`drain ${one}`);
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    new RegExp(`pods not managed by a controller \\(use --force to override\\): default/bare-${count}`),
  );
  assert.equal((await podNames(one)).length, 2);
  assert.equal((await api.run(`drain ${one} --force`)).code, 0);
  assert.deepEqual(await podNames(one), []);
});

test('drain refuses to lose data unless it is told to', async () => {
  await podOn(one, `data-${count}`, { volumes: [{ name: 'scratch', emptyDir: {} }] });
  const refused = await api.run(`drain ${one}`);
  assert.match(refused.stderr, /with local storage \(use --delete-emptydir-data to override\)/);
  const { code } = await api.run(`drain ${one} --delete-local-data --ignore-daemonsets`);
  assert.equal(code, 0);
  assert.deepEqual(await podNames(one), []);
});

test('drain leaves what is not selected, and pods that only a file can end', async () => {
  await podOn(one, `web-${count}`);
  await podOn(one, `other-${count}`);
  const mirror = await podOn(one, `mirror-${count}`, {}, false);
  const annotations = { 'kubernetes.io/config.mirror': 'x' };
  await api.client.patch(Pod, 'default', mirror.metadata.name, { metadata: { annotations } });
  assert.equal((await api.run(`drain ${one} --pod-selector name=web-${count}`)).code, 0);
  assert.deepEqual(await podNames(one), [`mirror-${count}`, `other-${count}`]);
});

test('drain says which pods it still waited for when time was up', async () => {
  const { metadata } = await podOn(one, `held-${count}`);
  await api.client.patch(Pod, 'default', metadata.name, { metadata: { finalizers: ['example.com/hold'] } });
  const { code, stderr } = await api.run(`drain ${one} --timeout=50ms`);
  assert.equal(code, 124);
  assert.match(stderr, new RegExp(`timed out waiting for pod/held-${count} to be gone`));
});
