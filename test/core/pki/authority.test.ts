import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { authorityOf, type Credentials, requestCertificate } from '../../../src/core/pki/index.ts';

const ca = await authorityOf('0c2c08780f11b6b09c6fd42ea9d51c5c');

test('the same secret gives the same authority, another one another', async () => {
  const key = (pem: string) => new X509Certificate(pem).publicKey.export({ format: 'pem', type: 'spki' });
  assert.equal(key((await authorityOf('0c2c08780f11b6b09c6fd42ea9d51c5c')).certificate), key(ca.certificate));
  assert.notEqual(key((await authorityOf('another')).certificate), key(ca.certificate));
});

test('a certificate says who it is for and where that can be reached', async () => {
  const { certificate } = await ca.issue({
    name: 'system:node:core-01',
    groups: ['system:nodes', 'system:masters'],
    hosts: ['172.17.8.101', '127.0.0.1', 'localhost'],
  });
  const read = new X509Certificate(certificate);
  assert.equal(read.subject, 'CN=system:node:core-01\nO=system:nodes\nO=system:masters');
  assert.equal(read.subjectAltName, 'IP Address:172.17.8.101, IP Address:127.0.0.1, DNS:localhost');
  assert.ok(read.verify(new X509Certificate(ca.certificate).publicKey));
  const day = 24 * 3600 * 1000;
  assert.ok(Date.parse(read.validFrom) < Date.now() - day, 'the clock of another machine may be behind');
  assert.ok(Date.parse(read.validTo) > Date.now() + 300 * day);
});

/** What a TLS server of `mine` sees of a client with `theirs`, whose authority is `trusted`. */
async function handshake(mine: Credentials, theirs: Credentials | undefined, trusted: string): Promise<string> {
  const server = createServer(
    { ca: ca.certificate, cert: mine.certificate, key: mine.key, requestCert: true, rejectUnauthorized: false },
    (req, res) => {
      const socket = req.socket as TLSSocket;
      res.end(socket.authorized ? socket.getPeerCertificate().subject.CN : 'nobody');
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const tls = { ca: trusted, ...(theirs && { cert: theirs.certificate, key: theirs.key }) };
    return await new Promise<string>((resolve, reject) => {
      const req = request({ host: '127.0.0.1', port, agent: false, ...tls }, (res) => {
        res.setEncoding('utf8').on('data', resolve);
      });
      req.on('error', reject).end();
    });
  } finally {
    server.close();
  }
}

test('both sides are known to each other, across two authorities of one secret; strangers are not', async () => {
  const here = await ca.issue({ name: 'system:node:core-01', hosts: ['127.0.0.1'] });
  const elsewhere = await authorityOf('0c2c08780f11b6b09c6fd42ea9d51c5c');
  const there = await elsewhere.issue({ name: 'system:node:core-02' });
  assert.equal(await handshake(here, there, elsewhere.certificate), 'system:node:core-02');
  assert.equal(await handshake(here, undefined, ca.certificate), 'nobody');

  const stranger = await authorityOf('something else');
  const fake = await stranger.issue({ name: 'system:node:core-02' });
  assert.equal(await handshake(here, fake, ca.certificate), 'nobody');
  await assert.rejects(handshake(here, there, stranger.certificate), /certificate/);
});

test('a request is signed for the key of its owner, with the subject that the authority decides', async () => {
  const { request: csr, key } = await requestCertificate('whatever');
  const certificate = await ca.sign(csr, { name: 'system:node:core-04', groups: ['system:nodes'] });
  assert.equal(new X509Certificate(certificate).subject, 'CN=system:node:core-04\nO=system:nodes');
  const mine = await ca.issue({ name: 'server', hosts: ['127.0.0.1'] });
  assert.equal(await handshake(mine, { certificate, key }, ca.certificate), 'system:node:core-04');
  await assert.rejects(
    ca.sign('-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----', { name: 'x' }),
  );
});
