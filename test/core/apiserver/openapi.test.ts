/** OpenAPI over HTTP: forms, hashes, caching. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type Harness, startServer } from './harness.ts';

let h: Harness;
before(async () => {
  h = await startServer();
});

test('version 3 names each document with its hash, under which it can be kept for ever', async () => {
  const { body, headers } = await h.get('/openapi/v3');
  assert.match(String(headers['etag']), /^"[0-9A-F]{128}"$/);
  const url = body.paths['api/v1'].serverRelativeURL;
  assert.match(url, /^\/openapi\/v3\/api\/v1\?hash=[0-9A-F]{128}$/);

  const document = await h.get(url);
  assert.equal(document.body.openapi, '3.0.0');
  assert.equal(document.headers['cache-control'], 'public, immutable');
  assert.equal(Date.parse(String(document.headers['expires'])) - h.clock.now() > 364 * 24 * 3600 * 1000, true);
  assert.equal(document.headers['etag'], `"${url.slice(url.indexOf('=') + 1)}"`);
});

test('an old hash is sent to the new one, and no hash is no promise', async () => {
  const { body } = await h.get('/openapi/v3');
  const moved = await h.get('/openapi/v3/api/v1?hash=OLD');
  assert.deepEqual([moved.code, moved.headers['location']], [301, body.paths['api/v1'].serverRelativeURL]);

  const plain = await h.get('/openapi/v3/api/v1');
  assert.equal(plain.code, 200);
  assert.equal(plain.headers['cache-control'], 'no-cache, private');
  const again = await h.get('/openapi/v3/api/v1', { 'If-None-Match': String(plain.headers['etag']) });
  assert.equal(again.code, 304);
});

test('groups that are not served have no document', async () => {
  assert.equal((await h.get('/openapi/v3/apis/apps/v1')).code, 404);
});

test('version 2 is JSON, or protobuf for kubectl', async () => {
  const json = await h.get('/openapi/v2');
  assert.equal(json.body.swagger, '2.0');
  for (const asked of [
    'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
    'application/com.github.proto-openapi.spec.v2.v1.0+protobuf, */*;q=0.5',
  ]) {
    const { code, headers } = await h.get('/openapi/v2', { Accept: asked });
    assert.equal(code, 200);
    assert.equal(headers['content-type'], 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
    assert.equal(headers['vary'], 'Accept');
    assert.notEqual(headers['etag'], json.headers['etag']);
  }
  assert.equal((await h.get('/openapi/v2', { Accept: 'text/html' })).code, 406);
});
