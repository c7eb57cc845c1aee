/** The secure port: who may come in, what each may do, and how a machine gets its certificate. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { tokenName, tokenType } from '../../../src/core/api/join.ts';
import { Node, Pod, Secret } from '../../../src/core/api/kinds/index.ts';
import { type ApiServer, createApiServer } from '../../../src/core/apiserver/index.ts';
import { silentLog } from '../../../src/core/async/log.ts';
import { seededRandom } from '../../../src/core/async/random.ts';
import { Client } from '../../../src/core/client/client.ts';
import { createHttpTransport } from '../../../src/core/client/http.ts';
import { joinWithCertificate, joinWithToken } from '../../../src/core/machines/joining.ts';
import { authorityOf, type Credentials } from '../../../src/core/pki/index.ts';
import { openEmbeddedStore, type Store } from '../../../src/core/store/index.ts';
import { virtualClock } from '../../helpers/clock.ts';

const authority = await authorityOf('a secret of the cluster');
const clock = virtualClock();
let store: Store;
let server: ApiServer;
let url: string;
let inside: Client;
const transports: { close(): Promise<void> }[] = [];

const cluster = {
  name: 'test',
  portalNet: '10.0.0.0/16',
  podNet: '10.244.0.0/16',
  machineNet: '172.17.8.0/24',
  servers: ['https://172.17.8.101:6443'],
};

before(async () => {
  store = await openEmbeddedStore({ clock, log: silentLog });
  const join = { authority, cluster: () => cluster };
  const options = { store, clock, random: seededRandom(1), log: silentLog, portalNet: cluster.portalNet, join };
  server = await createApiServer(options);
  const mine = await authority.issue({ name: 'kube-apiserver', hosts: ['127.0.0.1'] });
  const { port } = await server.listenSecure({ host: '127.0.0.1', port: 0 }, { ca: authority.certificate, ...mine });
  url = `https://127.0.0.1:${port}`;
  inside = new Client(server.transport);
  for (const nodeName of ['core-01', 'core-02']) {
    await inside.create(Node, { metadata: { name: nodeName } });
    const containers = [{ name: 'c', image: 'x' }];
    await inside.create(Pod, {
      metadata: { name: `on-${nodeName}`, namespace: 'default' },
      spec: { containers, nodeName },
    });
  }
});
after(async () => {
  await Promise.all(transports.map((transport) => transport.close()));
  await server.close();
  await store.close();
});

function clientWith(credentials: Credentials | undefined, ca = authority.certificate): Client {
  const transport = createHttpTransport({ server: url, tls: { ca, ...credentials } });
  transports.push(transport);
  return new Client(transport);
}
const userClient = async (name: string, ...groups: string[]) => clientWith(await authority.issue({ name, groups }));
const outcome = (promise: Promise<unknown>) =>
  promise.then(
    () => 'ok',
    (error) => error.reason ?? error.code,
  );

test('nobody comes in without a certificate of the authority', async () => {
  assert.equal(await outcome(clientWith(undefined).list(Pod)), 'Unauthorized');
  const stranger = await authorityOf('another secret');
  const forged = await stranger.issue({ name: 'admin', groups: ['system:masters'] });
  assert.equal(await outcome(clientWith(forged).list(Pod)), 'Unauthorized');
});

test('a client does not talk to a server of another authority', async () => {
  const stranger = await authorityOf('another secret');
  assert.equal(await outcome(clientWith(undefined, stranger.certificate).list(Pod)), 'CERT_SIGNATURE_FAILURE');
});

test('masters may do everything', async () => {
  const admin = await userClient('admin', 'system:masters');
  assert.equal((await admin.list(Pod)).items.length, 2);
  assert.equal(await outcome(admin.create(Secret, { metadata: { name: 's', namespace: 'default' } })), 'ok');
  assert.equal(await outcome(admin.transport.raw('/metrics')), 'ok');
});

test('a user of no group may see that the server is there, and no more', async () => {
  const user = await userClient('somebody');
  assert.equal(await outcome(user.transport.raw('/version')), 'ok');
  assert.equal(await outcome(user.list(Pod)), 'Forbidden');
  assert.equal(await outcome(user.transport.raw('/metrics')), 'Forbidden');
});

test('the agents of a node write what is about their node, and nothing else', async () => {
  const agent = await userClient('system:node:core-01', 'system:nodes');
  const status = { subresource: 'status' as const };
  const running = { status: { phase: 'Running' } };
  assert.equal((await agent.list(Pod)).items.length, 2);
  assert.equal(await outcome(agent.patch(Node, '', 'core-01', running, status)), 'ok');
  assert.equal(await outcome(agent.patch(Node, '', 'core-02', running, status)), 'Forbidden');
  assert.equal(await outcome(agent.delete(Node, '', 'core-02')), 'Forbidden');
  assert.equal(await outcome(agent.patch(Pod, 'default', 'on-core-01', running, status)), 'ok');
  assert.equal(await outcome(agent.patch(Pod, 'default', 'on-core-02', running, status)), 'Forbidden');
  assert.equal(await outcome(agent.delete(Pod, 'default', 'on-core-02')), 'Forbidden');
  assert.equal(await outcome(agent.evict(Pod, 'default', 'on-core-02')), 'Forbidden');
  assert.equal(await outcome(agent.bind(Pod, 'default', 'on-core-02', 'core-01')), 'Forbidden');
  const pod = { metadata: { name: 'new', namespace: 'default' }, spec: { containers: [{ name: 'c', image: 'x' }] } };
  assert.equal(await outcome(agent.create(Pod, pod)), 'Forbidden');
  assert.equal(await outcome(agent.create(Secret, { metadata: { name: 't', namespace: 'kube-system' } })), 'Forbidden');
  assert.equal(await outcome(agent.transport.raw('/api/v1beta1/pods')), 'Forbidden');
});

test('the agents of a node read the secrets and config maps that its pods need, and no others', async () => {
  const agent = await userClient('system:node:core-01', 'system:nodes');
  const other = await userClient('system:node:core-02', 'system:nodes');
  for (const name of ['file', 'variable', 'unused']) {
    await inside.create(Secret, { metadata: { name, namespace: 'default' } });
  }
  const env = [{ name: 'A', valueFrom: { secretKeyRef: { name: 'variable', key: 'a', optional: true } } }];
  const spec = { nodeName: 'core-01', containers: [{ name: 'c', image: 'x', env }] };
  const volumes = [{ name: 'v', secret: { secretName: 'file' } }];
  await inside.create(Pod, { metadata: { name: 'reader', namespace: 'default' }, spec: { ...spec, volumes } });
  assert.equal(await outcome(agent.get(Secret, 'default', 'file')), 'ok');
  assert.equal(await outcome(agent.get(Secret, 'default', 'variable')), 'ok');
  assert.equal(await outcome(agent.get(Secret, 'default', 'unused')), 'Forbidden');
  assert.equal(await outcome(agent.list(Secret, 'default')), 'Forbidden');
  assert.equal(await outcome(other.get(Secret, 'default', 'file')), 'Forbidden');
  await inside.delete(Pod, 'default', 'reader', { gracePeriodSeconds: 0 });
  assert.equal(await outcome(agent.get(Secret, 'default', 'file')), 'Forbidden');
});

async function addToken(id: string, secret: string, expiration?: string) {
  const stringData = {
    ...{ 'token-id': id, 'token-secret': secret, 'usage-bootstrap-authentication': 'true' },
    ...(expiration && { expiration }),
  };
  await inside.create(Secret, {
    metadata: { name: tokenName(id), namespace: 'kube-system' },
    type: tokenType,
    stringData,
  });
}
const secret = '0123456789abcdef0123456789';
const joining = (name: string) => ({ server: url, name, address: '172.17.8.104' });

test('a token gets a machine the certificate of its node, which then is renewed without one', async () => {
  await addToken('aaaaaa', secret);
  const joined = await joinWithToken(joining('core-04'), `aaaaaa.${secret}`);
  assert.equal(new X509Certificate(joined.certificate).subject, 'CN=system:node:core-04\nO=system:nodes');
  assert.deepEqual(joined.cluster, cluster);
  const agent = clientWith(joined, joined.certificateAuthority);
  assert.equal(await outcome(agent.create(Node, { metadata: { name: 'core-04' } })), 'ok');

  await assert.rejects(joinWithToken(joining('core-04'), `aaaaaa.${secret}`), /there is a node core-04 already/);
  const renewed = await joinWithCertificate(joining('core-04'), joined.certificateAuthority, joined);
  assert.notEqual(renewed.certificate, joined.certificate);
  await assert.rejects(
    joinWithCertificate(joining('core-01'), joined.certificateAuthority, joined),
    /token is unknown/,
  );
});

test('who may do everything lets a machine in without a token, but none of a name that is taken', async () => {
  const admin = await authority.issue({ name: 'kubernetes-admin', groups: ['system:masters'] });
  const joined = await joinWithCertificate(joining('core-05'), authority.certificate, admin);
  assert.equal(new X509Certificate(joined.certificate).subject, 'CN=system:node:core-05\nO=system:nodes');
  await assert.rejects(
    joinWithCertificate(joining('core-01'), authority.certificate, admin),
    /there is a node core-01/,
  );
});

test('a server that is none, or is not there, is named', async () => {
  const nobody = { ...joining('x'), server: 'https://127.0.0.1:1' };
  await assert.rejects(
    joinWithToken(nobody, `aaaaaa.${secret}`),
    /^Error: https:\/\/127\.0\.0\.1:1 does not answer: .*REFUSED/,
  );
  const plain = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
  await once(plain, 'listening');
  const { port } = plain.address() as AddressInfo;
  const insecure = { ...joining('x'), server: `https://127.0.0.1:${port}` };
  await assert.rejects(joinWithToken(insecure, `aaaaaa.${secret}`), /does not speak TLS/);
  plain.close();
});

test('a token is of no use once it has expired or is revoked, or with another secret, or for anything but joining', async () => {
  await addToken('bbbbbb', secret, '1970-01-02T00:00:00Z');
  await assert.rejects(joinWithToken(joining('x'), `bbbbbb.${secret}`), /does not know the token bbbbbb/);
  await addToken('cccccc', secret);
  await assert.rejects(
    joinWithToken(joining('x'), `cccccc.${secret.slice(1)}0`),
    /cannot prove that it knows its secret/,
  );
  await assert.rejects(joinWithToken(joining('x'), 'nonsense'), /not of the form ID.SECRET/);
  const code = await new Promise((resolve) => {
    const headers = { Authorization: `Bearer cccccc.${secret}` };
    request(`${url}/api/v1/pods`, { ca: authority.certificate, headers, agent: false }, (res) => {
      res.resume();
      resolve(res.statusCode);
    }).end();
  });
  assert.equal(code, 401);
  await inside.delete(Secret, 'kube-system', tokenName('cccccc'));
  await assert.rejects(joinWithToken(joining('x'), `cccccc.${secret}`), /does not know the token/);
});
