/** etcd over TLS, with users and roles: the store gets in with what it is given, and says why it does not. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { realClock } from '../../src/core/async/clock.ts';
import { silentLog } from '../../src/core/async/log.ts';
import { systemRandom } from '../../src/core/async/random.ts';
import { type EtcdStoreOptions, openEtcdStore } from '../../src/core/store/index.ts';
import { type SecureEtcd, startSecureEtcd, user } from '../helpers/secure-etcd.ts';
import { waitFor } from '../helpers/wait.ts';

const starting = startSecureEtcd({ after });
let secure: SecureEtcd;
before(async () => {
  secure = await starting;
});

const open = (options: Partial<EtcdStoreOptions> = {}) =>
  openEtcdStore({
    servers: secure.etcd.urls,
    caFile: secure.caFile,
    certFile: secure.certFile,
    keyFile: secure.keyFile,
    username: user.name,
    password: user.password,
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

  const [member] = secure.etcd.members;
  await member!.kill();
  await member!.start();
  const second = await waitFor(() => write(), { what: 'a write', withinMs: 10_000 });

  assert.deepEqual(seen, [first.revision, second.revision]);
  assert.equal((await store.range({ prefix: '/registry/' })).count, 1);
});

test('a token that has become invalid is replaced by another', async (t) => {
  const store = await open();
  t.after(() => store.close());
  await secure.renewUser();

  const { succeeded } = await store.txn({ then: [{ type: 'put', key: '/registry/a', value: Buffer.from('3') }] });

  assert.ok(succeeded);
  assert.equal(String((await store.get('/registry/a'))?.value), '3');
});

test('a wrong password is refused at once', async () => {
  const begun = performance.now();
  await assert.rejects(
    open({ password: 'wrong' }),
    /^Error: etcd at https:\S+ refuses: etcdserver: authentication failed, invalid user/,
  );
  assert.ok(performance.now() - begun < 2_000);
});

test('keys that the role does not cover are refused', async () => {
  await assert.rejects(open({ prefix: '/elsewhere' }), /permission denied/);
});

test('a member of another authority is not trusted, and names itself', async () => {
  const opening = open({ caFile: secure.certFile, requestTimeoutMs: 500 });
  await assert.rejects(opening, /etcd does not answer at https:\/\/localhost:\d+: .*certificate/);
});
