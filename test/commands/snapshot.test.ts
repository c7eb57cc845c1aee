/** `snapshot`, against a server and against files; `migrate`, as far as it goes without an etcd. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runCli, startApi, type TestCluster } from '../helpers/cli.ts';

let api: TestCluster;
let dir: string;
before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'kubecfg-snapshot-'));
  api = await startApi();
});
after(async () => {
  await api.close();
  rmSync(dir, { recursive: true });
});

test('save, verify, status', async () => {
  const file = join(dir, 'a');
  const saved = await api.run(['snapshot', 'save', file, '--server', 'http://test']);
  assert.deepEqual([saved.code, saved.stderr], [0, '']);
  assert.match(saved.stdout, /: saved, revision \d+, \d keys, 0\.0 MB\n$/);
  const verified = await runCli(['snapshot', 'verify', file]);
  assert.equal(verified.stdout, saved.stdout.replace('saved', 'good'));
  const { stdout } = await runCli(['snapshot', 'status', file]);
  assert.match(
    stdout,
    /^cluster: +-\ncreated at: .*\nby: .*\nrevision: .*\nkeys: .*\nbytes: .*\nsha256: +[0-9a-f]{64}\n/,
  );
  assert.match(stdout, /\nRESOURCE +KEYS\nnamespaces +2\n/);
  const structured = JSON.parse((await runCli(['snapshot', 'status', file, '-o', 'json'])).stdout);
  assert.deepEqual([structured.format, structured.resources.namespaces], [1, 2]);
});

test('what is no whole snapshot is refused before anything is touched', async () => {
  const file = join(dir, 'b');
  await api.run(['snapshot', 'save', file, '--server', 'http://test']);
  truncateSync(file, 500);
  const dataDir = join(dir, 'new');
  for (const argv of [
    ['verify', file],
    ['status', file],
    ['restore', file, '--data-dir', dataDir],
  ]) {
    const { code, stdout, stderr } = await runCli(['snapshot', ...argv]);
    assert.deepEqual([code, stdout], [1, '']);
    assert.equal(stderr, `error: ${file} cannot be used: it was cut short: its end is missing\n`);
  }
});

test('a data directory without a cluster has nothing to save', async () => {
  const { code, stderr } = await runCli(['snapshot', 'save', join(dir, 'c'), '--data-dir', join(dir, 'nothing')]);
  assert.deepEqual([code, stderr], [1, `error: there is no cluster in ${join(dir, 'nothing')}\n`]);
});

test('migrate wants a cluster that does not run, and a place it knows', async () => {
  const dataDir = join(dir, 'none');
  for (const to of ['etcd', 'etcd:nowhere', 'zookeeper:x', 'embedded:']) {
    const { code } = await runCli(['migrate', '--to', to, '--data-dir', dataDir]);
    assert.equal(code, 2, to);
  }
  const { code, stderr } = await runCli(['migrate', '--to', 'etcd:http://127.0.0.1:1', '--data-dir', dataDir]);
  assert.deepEqual([code, stderr], [1, `error: there is no cluster in ${dataDir}\n`]);
});
