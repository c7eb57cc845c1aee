import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ConnectionFlags } from '../../../src/core/cli/base.ts';
import { chooseTarget, type Target } from '../../../src/core/cli/connection.ts';
import type { Context } from '../../../src/core/cli/context.ts';

let dir: string;
let kubeconfig: string;
before(() => {
  dir = mkdtempSync(join(tmpdir(), 'connection-'));
  kubeconfig = join(dir, 'config');
  writeFileSync(
    kubeconfig,
    `clusters: [{name: c, cluster: {server: "http://file:1"}}, {name: d, cluster: {server: "http://other:1/"}}, {name: e}]
contexts:
- {name: c, context: {cluster: c}}
- {name: d, context: {cluster: d, namespace: team}}
- {name: broken, context: {cluster: e}}
current-context: c
`,
  );
});
after(() => rmSync(dir, { recursive: true }));

const choose = (flags: Partial<ConnectionFlags>, env: Record<string, string> = {}): Promise<Target> =>
  chooseTarget({ verbose: 0, ...flags }, { env: { HOME: dir, ...env } } as unknown as Context);

test('what was typed comes before the environment, and that before files', async () => {
  const env = { KUBERNETES_MASTER: 'env:1', KUBECONFIG: kubeconfig };
  assert.deepEqual(await choose({ server: 'http://typed:1/', context: 'd' }, env), {
    server: 'http://typed:1',
    namespace: 'default',
  });
  assert.deepEqual(await choose({ context: 'd' }, env), { server: 'http://other:1', namespace: 'team' });
  assert.deepEqual(await choose({ kubeconfig }, env), { server: 'http://file:1', namespace: 'default' });
  assert.deepEqual(await choose({}, env), { server: 'http://env:1', namespace: 'default' });
  assert.deepEqual(await choose({}, { KUBECONFIG: kubeconfig }), { server: 'http://file:1', namespace: 'default' });
});

test('--namespace beats that of the context', async () => {
  assert.equal((await choose({ context: 'd', namespace: 'mine' }, { KUBECONFIG: kubeconfig })).namespace, 'mine');
});

test('--data-dir goes before kubeconfig: to its daemon while that lives, else embedded', async () => {
  const dataDir = join(dir, 'data');
  const env = { KUBECONFIG: kubeconfig };
  assert.deepEqual(await choose({ 'data-dir': dataDir }, env), { dataDir, name: undefined, namespace: 'default' });

  const daemonOf = (pid: number) =>
    writeFileSync(
      join(dir, 'daemon.json'),
      JSON.stringify({ pid, server: 'http://127.0.0.1:8080', socket: '', startedAt: '' }),
    );
  daemonOf(process.pid);
  assert.deepEqual(await choose({ 'data-dir': dir }, env), { server: 'http://127.0.0.1:8080', namespace: 'default' });
  // Left by a crash: no process has so high a number.
  daemonOf(4_194_305);
  assert.deepEqual(await choose({ 'data-dir': dir }, env), { dataDir: dir, name: undefined, namespace: 'default' });
});

test('contexts and servers that do not exist are named', async () => {
  const env = { KUBECONFIG: kubeconfig };
  await assert.rejects(choose({ context: 'nosuch' }, env), /no context exists with the name "nosuch"/);
  await assert.rejects(choose({ context: 'broken' }, env), /no server found for cluster "e"/);
  await assert.rejects(choose({ server: 'http://' }), /--server http:\/\/: not a URL/);
});
