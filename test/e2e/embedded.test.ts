/** Verbs without a server: the cluster lives inside the command, its containers outlive it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ensureTestImage } from '../helpers/images.ts';
import { containersOf, Program } from '../helpers/program.ts';

const program = new Program();
const { dataDir, name } = program;
const local = ['--data-dir', dataDir, '--name', name];

before(() => ensureTestImage());
after(() => program.remove());

const webContainers = async () =>
  (await containersOf(name)).filter(
    (c) => c.State === 'running' && c.Labels['io.kubernetes.container.name'] === 'httpd',
  );

test('create leaves three running containers behind, get shows them', async () => {
  await program.ok('create', '-f', 'examples/web-rc.yaml', ...local);

  assert.equal((await webContainers()).length, 3);
  const rows = (await program.ok('get', 'pods', '--no-headers', ...local)).trim().split('\n');
  assert.equal(rows.length, 3);
  for (const row of rows) assert.match(row, /^web-\w{5}\s+1\/1\s+Running\s+0\s/);
});

test('the next command adopts the containers', async () => {
  const before = (await webContainers()).map((c) => c.Id).sort();
  await program.ok('resize', 'rc', 'web', '--replicas=4', ...local);
  const now = (await webContainers()).map((c) => c.Id);
  assert.equal(now.length, 4);
  assert.ok(before.every((id) => now.includes(id)));
});

test('up makes a daemon of it, with the same pods', async () => {
  const before = (await webContainers()).map((c) => c.Id).sort();
  await program.ok('up', '--port', '0', ...local);
  await program.ok('wait', 'rc/web', '--for=jsonpath={.status.readyReplicas}=4', '--timeout=20s');
  assert.deepEqual((await webContainers()).map((c) => c.Id).sort(), before);
});

test('delete removes the containers before it returns', async () => {
  await program.ok('halt', ...local);
  await program.ok('stop', 'rc', 'web', ...local);
  assert.deepEqual(await webContainers(), []);
});
