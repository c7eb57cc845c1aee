/** The real program on a disk that fills up: writes are told so, reads go on, and all is well again when there is room. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Program } from '../helpers/program.ts';
import { waitFor } from '../helpers/wait.ts';
import { type Answer, httpApi } from '../torture/api.ts';
import { Daemon } from '../torture/daemon.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubecfg-full-'));
const dataDir = join(folder, 'data');
const disk = join(dataDir, 'store');
const daemon = new Daemon(dataDir, ['--name', 'full']);
const program = new Program();
const api = httpApi();
const configMaps = '/api/v1/namespaces/default/configmaps';

before(async () => {
  mkdirSync(disk, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'none', disk]);
  await daemon.start();
});
after(async () => {
  api.close();
  await daemon.kill();
  execFileSync('umount', [disk]);
  rmSync(folder, { recursive: true, force: true });
  await program.remove();
});

const configMap = (name: string) => ({ metadata: { name }, data: { text: 'x'.repeat(100_000) } });
const create = (name: string) => api.call(daemon.url!, 'POST', configMaps, configMap(name));
const names = async () => {
  const { code, body } = await api.call(daemon.url!, 'GET', configMaps);
  assert.equal(code, 200);
  return (body.items as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name).sort();
};

/** Creates until there is no room; says what was created and the answer to what was not. */
async function fill(prefix: string): Promise<{ created: string[]; refused: Answer }> {
  const created: string[] = [];
  for (;;) {
    const name = `${prefix}-${String(created.length).padStart(3, '0')}`;
    const answer = await create(name);
    if (answer.code !== 201) return { created, refused: answer };
    created.push(name);
  }
}

test('a full disk', async () => {
  const { created, refused } = await fill('a');
  assert.ok(created.length > 10);
  const { code, body } = refused;
  assert.deepEqual([code, body.kind, body.status, body.code], [507, 'Status', 'Failure', 507]);
  assert.equal(body.reason, 'InsufficientStorage');
  assert.ok(body.message.startsWith(`no room left in ${disk}`), body.message);

  assert.deepEqual(await names(), created, 'reads go on, and what was refused is not there');
  const manifest = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', ...configMap('b') });
  const told = await program.run(['create', '-f', '-', '-s', daemon.url!], manifest);
  assert.equal(told.code, 1);
  assert.match(told.stderr, /no room left in/);

  await daemon.kill();
  await daemon.start();
  assert.deepEqual(await names(), created, 'also after a crash');
  assert.equal((await create('b')).code, 507);

  execFileSync('mount', ['-o', 'remount,size=64m', disk]);
  await waitFor(() => create('b'), { until: ({ code }) => code === 201, what: 'a write' });
  const { code: changed } = await api.call(daemon.url!, 'DELETE', `${configMaps}/${created[0]}`);
  assert.equal(changed, 200);
  assert.deepEqual(await names(), [...created.slice(1), 'b']);
});
