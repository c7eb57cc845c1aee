/** `history`, and `get --at-revision`. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ReplicationController } from '../../src/core/api/kinds/index.ts';
import { startApi, type TestCluster } from '../helpers/cli.ts';

let api: TestCluster;
let created: string;
before(async () => {
  api = await startApi();
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const rc = { metadata: { name: 'web', namespace: 'default' }, spec: { replicas: 1, template } };
  const made = await api.client.create(ReplicationController, rc, { fieldManager: 'maker' });
  created = made.metadata.resourceVersion;
  await api.client.transport.send({
    verb: 'patch',
    kind: ReplicationController,
    namespace: 'default',
    name: 'web',
    patchType: 'merge',
    body: { metadata: { labels: { tier: 'front' } }, spec: { replicas: 3 } },
    options: { fieldManager: 'resizer' },
  });
  await api.client.patch(
    ReplicationController,
    'default',
    'web',
    { status: { replicas: 3 } },
    { subresource: 'status' },
  );
});
after(() => api.close());

const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`;

test('what changed, when and by whom', async () => {
  const { code, stdout, stderr } = await api.run('history rc web');
  assert.deepEqual([code, stderr], [0, '']);
  const lines = stdout.trimEnd().split('\n');
  assert.match(lines[0] ?? '', /^REVISION +TIME +CHANGE +BY +FIELDS$/);
  assert.match(lines[1] ?? '', new RegExp(`^${created} +${time} +created +maker +$`));
  assert.match(lines[2] ?? '', new RegExp(`^\\d+ +${time} +changed +resizer +metadata.generation, metadata.labels`));
  assert.match(lines[2] ?? '', /spec\.replicas$/);
  assert.match(lines[3] ?? '', /^\d+ +\S+ +changed +- +status\.replicas$/);
  assert.equal(lines.length, 4);
});

test('as JSON, with all fields; what is gone keeps its history', async () => {
  await api.client.delete(ReplicationController, 'default', 'web', { propagationPolicy: 'Background' });
  const { stdout } = await api.run('history rc/web -o json');
  const { kind, name, namespace, from, changes } = JSON.parse(stdout);
  assert.deepEqual([kind, name, namespace, from], ['ReplicationController', 'web', 'default', 0]);
  assert.equal(changes[0].change, 'created');
  assert.equal(changes.at(-1).change, 'deleted');
  assert.equal(
    (await api.run('history rc/never')).stderr,
    'Error from server (NotFound): replicationcontrollers "never" not found\n',
  );
});

test('objects and lists as they were', async () => {
  const one = await api.run(`get rc web --at-revision ${created} -o jsonpath={.spec.replicas}`);
  assert.deepEqual([one.code, one.stdout], [0, '1']);
  const list = await api.run(`get rc --at-revision ${Number(created) + 1} --no-headers`);
  assert.match(list.stdout, /^web +3 /);
  const before = await api.run(`get rc --at-revision ${Number(created) - 1}`);
  assert.match(before.stderr, /^No resources found/);
  const future = await api.run('get rc web --at-revision 999999');
  assert.match(future.stderr, /Too large resource version: 999999/);
  assert.equal((await api.run('get rc --at-revision 1 -w')).code, 2);
});
