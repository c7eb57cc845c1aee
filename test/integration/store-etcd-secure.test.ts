/** etcd over TLS, with users and roles: the store gets in with what it is given, and says why it does not. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { realClock } from '../../src/core/async/clock.ts';
import { silentLog } from '../../src/core/async/log.ts';
import { systemRandom } from '../../src/core/async/random.ts';
import { type EtcdStoreOptions, openEtcdStore } from '../../src/core/store/index.ts';
import { type Etcd, startEtcd } from '../helpers/etcd.ts';
import { waitFor } from '../helpers/wait.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubecfg-tls-'));
const file = (name: string) => join(folder, name);
after(() => rmSync(folder, { recursive: true, force: true }));

const openssl = (...args: string[]) => promisify(execFile)('openssl', args, { cwd: folder });

async function makeAuthority(): Promise<void> {
  const subject = ['-subj', '/CN=test authority', '-days', '2'];
  await openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.crt', ...subject);
}

async function makeCertificate(name: string, extensions: string): Promise<void> {
  const [key, request] = [`${name}.key`, `${name}.csr`];
  await openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', request, '-subj', `/CN=${name}`);
  writeFileSync(file(`${name}.ext`), extensions);
  const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', `${name}.ext`];
  await openssl('x509', '-req', '-in', request, '-out', `${name}.crt`, ...signed);
}

// The server's certificate is also what its gateway shows to itself.
const certified = makeAuthority().then(async () => {
  await makeCertificate('server', 'subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\n');
  await makeCertificate('client', 'extendedKeyUsage=clientAuth\n');
});
const starting = certified.then(() =>
  startEtcd({ after }, { tls: { ca: file('ca.crt'), cert: file('server.crt'), key: file('server.key') } }),
);
let etcd: Etcd;
before(async () => {
  etcd = await starting;
  for (const command of [
    'user add root:secret',
    'user grant-role root root',
    'role add registry',
    'role grant-permission registry --prefix=true readwrite /registry',
    'user add server:pass word',
    'user grant-role server registry',
    'auth enable',
  ]) {
    // One of the words has a space in it.
    await etcd.ctl(
      ...command
        .replace('pass word', 'pass\u00a0word')
        .split(' ')
        .map((word) => word.replace('\u00a0', ' ')),
    );
  }
});

const open = (options: Partial<EtcdStoreOptions> = {}) =>
  openEtcdStore({
    servers: etcd.urls,
    caFile: file('ca.crt'),
    certFile: file('client.crt'),
    keyFile: file('client.key'),
    username: 'server',
    password: 'pass word',
    requestTimeoutMs: 5_000,
    clock: realClock,
    random: systemRandom,
    log: silentLog,
    ...options,
  });

test('reads, writes and watches as a user of a role, also after etcd has forgotten its tokens', async (t) => {
  const store = await open();
  t.after(() => store.close());
  const seen: number[] = [];
  store.watch({ prefix: '/registry/' }, { events: (revision) => seen.push(revision), error() {} });
  const write = (ttlSeconds?: number) =>
    store.txn({
      then: [{ type: 'put', key: '/registry/a', value: Buffer.from('1'), ...(ttlSeconds && { ttlSeconds }) }],
    });
  const first = await write(60);

  await etcd.members[0]!.kill();
  await etcd.members[0]!.start();
  const second = await waitFor(() => write(), { what: 'a write', withinMs: 10_000 });

  assert.deepEqual(seen, [first.revision, second.revision]);
  assert.equal((await store.range({ prefix: '/registry/' })).count, 1);
});

test('a token that has become invalid is replaced by another', async (t) => {
  const store = await open();
  t.after(() => store.close());
  await etcd.ctl('user', 'delete', 'server', '--user', 'root:secret');
  await etcd.ctl('user', 'add', 'server:pass word', '--user', 'root:secret');
  await etcd.ctl('user', 'grant-role', 'server', 'registry', '--user', 'root:secret');

  const { succeeded } = await store.txn({ then: [{ type: 'put', key: '/registry/a', value: Buffer.from('3') }] });

  assert.ok(succeeded);
  assert.equal(String((await store.get('/registry/a'))?.value), '3');
});

test('a wrong password is refused at once', async () => {
  const begun = performance.now();
  await assert.rejects(open({ password: 'wrong' }), /authentication failed, invalid user ID or password/);
  assert.ok(performance.now() - begun < 2_000);
});

test('keys that the role does not cover are refused', async () => {
  await assert.rejects(open({ prefix: '/elsewhere' }), /permission denied/);
});

test('a member of another authority is not trusted, and names itself', async () => {
  const opening = open({ caFile: file('client.crt'), requestTimeoutMs: 500 });
  await assert.rejects(opening, /etcd does not answer at https:\/\/localhost:\d+: .*certificate/);
});
