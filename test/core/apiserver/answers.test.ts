/** What surrounds an answer: compression, and pages of other origins. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type Harness, podBody, pods, startServer } from './harness.ts';

let h: Harness;
before(async () => {
  h = await startServer({ corsAllowedOrigins: ['^https://console[.]example[.]com$'] });
});

/** The body as it comes over the wire. */
function fetchRaw(path: string, headers: Record<string, string>, method = 'GET') {
  return new Promise<{ headers: Record<string, unknown>; bytes: Buffer }>((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port: h.port, path, headers, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ headers: response.headers, bytes: Buffer.concat(chunks) }));
    });
    call.on('error', reject).end();
  });
}

test('large answers are compressed for those who ask for it, and only those', async () => {
  const annotations = { long: 'x'.repeat(200_000) };
  const body = podBody('large');
  await h.post(pods, { ...body, metadata: { ...body.metadata, annotations } });
  const gzip = { 'Accept-Encoding': 'deflate, gzip;q=0.8' };

  const plain = await fetchRaw(pods, {});
  assert.equal(plain.headers['content-encoding'], undefined);
  const packed = await fetchRaw(pods, gzip);
  assert.equal(packed.headers['content-encoding'], 'gzip');
  assert.equal(packed.headers['vary'], 'Accept-Encoding');
  assert.ok(packed.bytes.length < plain.bytes.length / 10);
  assert.deepEqual(gunzipSync(packed.bytes), plain.bytes);

  const small = await fetchRaw('/api/v1/namespaces', gzip);
  assert.equal(small.headers['content-encoding'], undefined);
  const head = await fetchRaw(pods, gzip, 'HEAD');
  assert.equal(Number(head.headers['content-length']), plain.bytes.length);
});

test('pages of a configured origin may use the server, others may not', async () => {
  const headers = { Origin: 'https://console.example.com' };
  const preflight = await h.call('OPTIONS', pods, { headers });
  assert.equal(preflight.code, 204);
  assert.equal(preflight.headers['access-control-allow-origin'], 'https://console.example.com');
  assert.match(String(preflight.headers['access-control-allow-methods']), /PATCH/);
  const answer = await h.get(pods, headers);
  assert.equal(answer.code, 200);
  assert.equal(answer.headers['access-control-allow-origin'], 'https://console.example.com');

  const foreign = await h.get(pods, { Origin: 'https://console.example.com.evil.net' });
  assert.equal(foreign.code, 403);
  assert.equal(foreign.headers['access-control-allow-origin'], undefined);
  const rebound = await h.get(pods, { ...headers, Host: 'evil.net' });
  assert.equal(rebound.code, 403);
});

test('without configuration no page of another origin comes in', async () => {
  const plain = await startServer();
  const answer = await plain.get(pods, { Origin: 'https://console.example.com' });
  assert.equal(answer.code, 403);
});

test('orphanDependents still says what propagationPolicy says today', async () => {
  const rcs = '/api/v1/namespaces/default/replicationcontrollers';
  const rc = (name: string) => ({
    metadata: { name },
    spec: { replicas: 0, selector: { name }, template: { ...podBody(''), metadata: { labels: { name } } } },
  });
  await h.post(rcs, rc('orphaning'));
  const { body } = await h.delete(`${rcs}/orphaning`, { orphanDependents: true });
  assert.deepEqual(body.metadata.finalizers, ['orphan']);
  await h.post(rcs, rc('deleting'));
  assert.equal((await h.delete(`${rcs}/deleting?orphanDependents=false`)).body.status, 'Success');
  const held = rc('held');
  await h.post(rcs, { ...held, metadata: { ...held.metadata, finalizers: ['example.com/held'] } });
  assert.equal((await h.delete(`${rcs}/held`, { orphanDependents: false })).code, 202, 'not gone yet');
  assert.equal((await h.delete(`${rcs}/held`)).code, 200);

  const both = await h.delete(`${rcs}/orphaning`, { orphanDependents: true, propagationPolicy: 'Orphan' });
  assert.equal(both.code, 422);
  assert.match(both.body.message, /orphanDependents and deletionPropagation cannot be both set/);
});
