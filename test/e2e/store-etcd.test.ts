/** A cluster whose state is in etcd, with the built program: what it writes is there for etcd's own client to read. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Etcd, startEtcd } from '../helpers/etcd.ts';
import { Program } from '../helpers/program.ts';
import { startSecureEtcd, user } from '../helpers/secure-etcd.ts';

const program = new Program();
const started = startEtcd({ after });
let etcd: Etcd;
before(async () => {
  etcd = await started;
  const servers = etcd.urls.join();
  await program.ok('up', '--runtime', 'hollow', '--port', '0', '--etcd-servers', servers, ...program.local);
});
after(() => program.remove());

test('keys are /registry/<resource>/<namespace>/<name>, values JSON', async () => {
  await program.ok('create', 'pod', 'web', '--image', 'web:1');
  await program.ok('wait', 'pod/web', '--for=condition=Ready', '--timeout=10s');

  const value = await etcd.ctl('get', '/registry/pods/default/web', '--print-value-only');

  const pod = JSON.parse(value) as { kind: string; metadata: { name: string }; spec: { nodeName: string } };
  assert.deepEqual([pod.kind, pod.metadata.name, pod.spec.nodeName], ['Pod', 'web', 'core-01']);
});

test('a change made by another hand is seen at once', async () => {
  await etcd.ctl('del', '/registry/pods/default/web');
  const { code, stderr } = await program.run(['get', 'pod', 'web']);
  assert.equal(code, 1);
  assert.match(stderr, /pods "web" not found/);
});

test('the state is still there when the cluster comes up again', async () => {
  await program.ok('create', 'namespace', 'blue');
  await program.ok('halt', ...program.local);
  await program.ok('up', ...program.local);
  assert.equal(await program.ok('get', 'namespace', 'blue', '-o', 'name'), 'namespace/blue\n');
});

test('the store of a cluster cannot be another one by a flag', async () => {
  await program.ok('halt', ...program.local);
  const { code, stderr } = await program.run(['up', '--store', 'embedded', ...program.local]);
  assert.equal(code, 1);
  assert.match(stderr, /keeps its state in etcd at http/);
  await program.ok('up', ...program.local);
});

test('an etcd over TLS takes a certificate and a password, which is on no command line', async (t) => {
  const other = new Program({ KUBECFG_ETCD_PASSWORD: user.password });
  t.after(() => other.remove());
  const { etcd: secure, caFile, certFile, keyFile } = await startSecureEtcd(t);
  const tls = ['--etcd-cafile', caFile, '--etcd-certfile', certFile, '--etcd-keyfile', keyFile];
  const flags = ['--etcd-servers', secure.urls.join(), ...tls, '--etcd-username', user.name, ...other.local];

  await other.ok('up', '--runtime', 'hollow', '--port', '0', ...flags);
  assert.equal(await other.ok('get', 'nodes', '-o', 'name'), 'node/core-01\n');
  await other.ok('halt', ...other.local);

  const file = join(other.folder, 'password');
  writeFileSync(file, 'wrong\n');
  const wrong = await other.run(['up', ...flags, '--etcd-password-file', file]);
  assert.match(wrong.stderr, /authentication failed, invalid user ID or password/);
  writeFileSync(file, `${user.password}\n`);
  await other.ok('up', ...flags, '--etcd-password-file', file);
});
