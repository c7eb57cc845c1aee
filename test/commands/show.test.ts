/** Verbs that show things: describe, events, logs, list-machines, version, cluster-info, api-resources. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Event, Node, Pod, ReplicationController } from '../../src/core/api/kinds/index.ts';
import { startApi, type TestCluster } from '../helpers/cli.ts';

let api: TestCluster;
before(async () => {
  api = await startApi();
  for (const name of ['web-1', 'web-2']) {
    await api.client.create(Pod, {
      metadata: { name, namespace: 'default' },
      spec: { containers: [{ name: 'c', image: 'x' }] },
    });
  }
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'x' }] } };
  await api.client.create(ReplicationController, {
    metadata: { name: 'front', namespace: 'default' },
    spec: { template },
  });
  const machines = [
    ['core-01', '517d1c7d8e9f4a4cb47b8b2e2f2a1c3d', 'True', ''],
    ['core-02', '170407433f5a4d0e9b8c7d6e5f4a3b2c', 'True', 'region=us-west,disk=ssd'],
    ['core-03', 'cb35b356a1b24c3d9e8f7a6b5c4d3e2f', 'Unknown', ''],
  ] as const;
  for (const [name, machineID, ready, metadata] of machines) {
    const annotations = metadata ? { 'kubecfg.io/metadata': metadata } : {};
    await api.client.create(Node, { metadata: { name, annotations } });
    const status = {
      addresses: [{ type: 'InternalIP', address: `172.17.8.10${name.at(-1)}` }],
      conditions: [{ type: 'Ready', status: ready }],
      nodeInfo: { machineID },
    };
    await api.client.patch(Node, '', name, { status }, { subresource: 'status' });
  }
});
after(() => api.close());

async function happened(name: string, { type = 'Normal', reason = 'Started', at = '2015-05-01T00:00:00Z' } = {}) {
  const { metadata } = await api.client.get(Pod, 'default', name);
  await api.client.create(Event, {
    metadata: { name: `${name}.${reason.toLowerCase()}`, namespace: 'default' },
    involvedObject: { kind: 'Pod', name, namespace: 'default', uid: metadata.uid },
    type,
    reason,
    message: `${reason} ${name}`,
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
    source: { component: 'test' },
  });
}

test('describe shows the object and what happened to it', async () => {
  await happened('web-1');
  const { code, stdout } = await api.run('describe pod web-1');
  assert.equal(code, 0);
  assert.match(stdout, /^Name: +web-1\nNamespace: +default\n/);
  assert.match(stdout, /\nEvents:\n {2}Type .*\n.*\n {2}Normal +Started .* +test +Started web-1\n$/);
});

test('describe takes several, all of a type, and beginnings of names', async () => {
  assert.equal((await api.run('describe pods')).stdout.match(/^Name:/gm)?.length, 2);
  assert.equal((await api.run('describe pod/web-1 rc/front')).stdout.match(/^Name:/gm)?.length, 2);
  assert.match((await api.run('describe rc fro')).stdout, /^Name: +front\n/);
  const { code, stderr } = await api.run('describe pod nosuch');
  assert.deepEqual([code, stderr], [1, 'Error from server (NotFound): pods "nosuch" not found\n']);
});

test('events come with the latest last, of one object or type', async () => {
  await happened('web-2', { reason: 'Later', at: '2015-05-01T00:02:00Z' });
  await happened('web-2', { type: 'Warning', reason: 'Between', at: '2015-05-01T00:01:00Z' });
  const reasons = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(/\s{2,}/)[2]);
  assert.deepEqual(reasons((await api.run('events')).stdout), ['Started', 'Between', 'Later']);
  assert.deepEqual(reasons((await api.run('events --for pod/web-2')).stdout), ['Between', 'Later']);
  assert.deepEqual(reasons((await api.run('events -A --types=Warning')).stdout.replace(/^default +/gm, '')), [
    'Between',
  ]);
});

test("list-machines prints fleetctl's table of the machines that are alive", async () => {
  const rows = ['17040743...\t172.17.8.102\tdisk=ssd,region=us-west', '517d1c7d...\t172.17.8.101\t-'];
  const table = `MACHINE\t\tIP\t\tMETADATA\n${rows.join('\n')}\n`;
  assert.deepEqual(await api.run('list-machines'), { code: 0, stdout: table, stderr: '' });
  assert.equal((await api.run('list-machines', { program: 'fleetctl' })).stdout, table);
  assert.equal((await api.run('list-machines --no-legend')).stdout, `${rows.join('\n')}\n`);
  const ids = '170407433f5a4d0e9b8c7d6e5f4a3b2c\n517d1c7d8e9f4a4cb47b8b2e2f2a1c3d\n';
  for (const flag of ['--full', '-l', '--l']) {
    assert.equal((await api.run(`list-machines ${flag} --no-legend --fields=machine`)).stdout, ids, flag);
  }
  assert.equal((await api.run('list-machines --fields=ip,machine')).stdout.split('\n')[0], 'IP\t\tMACHINE');
  const json = JSON.parse((await api.run('list-machines -o json')).stdout);
  assert.deepEqual(json.machines[0], {
    id: '170407433f5a4d0e9b8c7d6e5f4a3b2c',
    metadata: { disk: 'ssd', region: 'us-west' },
    primaryIP: '172.17.8.102',
  });
});

test('list-machines fails as fleetctl does', async () => {
  const bogus = await api.run('list-machines --fields=bogus');
  assert.deepEqual([bogus.code, bogus.stderr.split('\n')[0]], [1, 'error: Invalid key in output format: "bogus"']);
  assert.match((await api.run('list-machines --fields=')).stderr, /Must define output format/);
});

test('logs of a pod that no node has are empty; what is no pod has none', async () => {
  assert.deepEqual(await api.run('logs web-1'), { code: 0, stdout: '', stderr: '' });
  assert.match((await api.run('logs nosuch')).stderr, /^Error from server \(NotFound\): pods "nosuch" not found/);
  assert.match((await api.run('logs')).stderr, /which pod\?/);
  assert.match((await api.run('logs rc/front')).stderr, /rc\/front: only pods have logs/);
  assert.match((await api.run('logs web-1 --since-time=yesterday')).stderr, /--since-time yesterday: not a time/);
  assert.match((await api.run('logs -l no=such')).stderr, /No resources found in default namespace/);
});

test('version of both sides, or of the client alone', async () => {
  assert.match((await api.run('version')).stdout, /^Client Version: v\d+\.\d+\.\d+\nServer Version: v/);
  assert.match((await api.run('--version')).stdout, /^Client Version: v\d+\.\d+\.\d+\n$/);
  const { clientVersion, serverVersion } = JSON.parse((await api.run('version -o json')).stdout);
  assert.equal(clientVersion.nodeVersion, process.version);
  assert.match(serverVersion.gitVersion, /^v/);
});

test('cluster-info and api-resources', async () => {
  assert.match((await api.run('cluster-info')).stdout, /^Kubernetes master is running at http:\/\/test\n/);
  const { stdout } = await api.run('api-resources');
  assert.match(stdout, /^NAME +SHORTNAMES +APIVERSION +NAMESPACED +KIND\n/);
  assert.match(stdout, /\npods +po +v1 +true +Pod\n/);
  assert.match((await api.run('api-resources -o name')).stdout, /^pods$/m);
});
