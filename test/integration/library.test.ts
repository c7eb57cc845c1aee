/** A whole cluster inside the test process: every loop, hollow machines, no daemon. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isNotFound } from '../../src/core/api/status.ts';
import { Cluster, Endpoints, Namespace, Node, Pod, ReplicationController, Service } from '../../src/index.ts';
import { waitFor } from '../helpers/wait.ts';

let cluster: Cluster;
before(async () => {
  cluster = await Cluster.start({ machines: 3 });
});
after(() => cluster.stop());

const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'main', image: 'web:1', ports: [{ name: 'http', containerPort: 8080 }] }] },
};
const running = async (namespace: string) =>
  (await cluster.client.list(Pod, namespace)).items.filter((pod) => pod.status.phase === 'Running');

test('three machines are three ready nodes with ranges of their own', async () => {
  const nodes = (await cluster.client.list(Node)).items;
  assert.deepEqual(
    nodes.map((node) => node.metadata.name),
    ['core-01', 'core-02', 'core-03'],
  );
  assert.equal(new Set(nodes.map((node) => node.spec.podCIDR)).size, 3);
});

test('a replication controller and a service become running pods and endpoints', async () => {
  const { client } = cluster;
  await client.create(Service, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] },
  });
  await client.create(ReplicationController, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: 6, selector: { app: 'web' }, template },
  });
  const pods = await waitFor(() => running('default'), {
    until: (list) => list.length === 6,
    what: 'six running pods',
  });
  assert.equal(new Set(pods.map((pod) => pod.spec.nodeName)).size, 3);
  assert.equal(new Set(pods.map((pod) => pod.status.podIP)).size, 6);
  const endpoints = await waitFor(() => client.get(Endpoints, 'default', 'web'), {
    until: (e) => e.subsets?.[0]?.addresses?.length === 6,
    what: 'six endpoints',
  });
  assert.equal(endpoints.subsets?.[0]?.ports?.[0]?.port, 8080);
});

test('a namespace takes everything in it along', async () => {
  const { client } = cluster;
  await client.create(Namespace, { metadata: { name: 'team' } });
  await client.create(ReplicationController, {
    metadata: { name: 'web', namespace: 'team' },
    spec: { replicas: 2, selector: { app: 'web' }, template },
  });
  await waitFor(() => running('team'), { until: (list) => list.length === 2, what: 'two running pods' });

  await client.delete(Namespace, '', 'team');

  const gone = () => client.get(Namespace, '', 'team').then(() => false, isNotFound);
  await waitFor(gone, { what: 'the end of the namespace', withinMs: 15_000 });
  assert.equal((await client.list(Pod, 'team')).items.length, 0);
});
