/** /logs/, /static/, /swaggerapi/ and /swagger-ui/: what browsers and old clients look at. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Harness, startServer } from './harness.ts';

const dir = mkdtempSync(join(tmpdir(), 'kubecfg-test-'));
after(() => rmSync(dir, { recursive: true }));

let h: Harness;
before(async () => {
  writeFileSync(join(dir, 'daemon.log'), 'first line\nsecond line\n');
  writeFileSync(join(dir, 'secret'), 'not for everyone');
  h = await startServer({ logs: { 'daemon.log': join(dir, 'daemon.log'), 'gone.log': join(dir, 'gone.log') } });
});

test('the logs of the process, by name', async () => {
  const { text, headers } = await h.get('/logs/');
  assert.equal(headers['content-type'], 'text/html; charset=utf-8');
  assert.match(text, /<a href="daemon.log">daemon.log<\/a>/);
  assert.doesNotMatch(text, /gone/);
  const log = await h.get('/logs/daemon.log');
  assert.deepEqual([log.code, log.text], [200, 'first line\nsecond line\n']);
  assert.equal(log.headers['content-type'], 'text/plain; charset=utf-8');
});

test('of a very long log, the end', async () => {
  writeFileSync(join(dir, 'long.log'), `${'x'.repeat(9 * 1024 * 1024)}end`);
  const long = await startServer({ logs: { 'long.log': join(dir, 'long.log') } });
  const { text } = await long.get('/logs/long.log');
  assert.equal(text.length, 8 * 1024 * 1024);
  assert.ok(text.endsWith('xend'));
});

test('no path leads out of the logs, nor out of the static files', async () => {
  for (const root of ['/logs/', '/static/']) {
    for (const path of ['secret', '../secret', '%2e%2e/secret', 'daemon.log/../secret', '/etc/passwd', 'constructor']) {
      assert.equal((await h.get(root + path)).code, 404, root + path);
    }
  }
  assert.equal((await h.get('/logs/gone.log')).code, 404);
});

test('the Swagger UI comes with all it needs', async () => {
  const { text, headers } = await h.get('/swagger-ui/');
  assert.equal(headers['content-type'], 'text/html; charset=utf-8');
  const links = [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, link = '']) => link);
  assert.equal(links.length, 2);
  for (const link of links) {
    assert.ok(link.startsWith('/static/'), link);
    const { code, text: content } = await h.get(link);
    assert.equal(code, 200, link);
    assert.ok(content.length > 10_000);
  }
  assert.doesNotMatch(text, /https?:/);
  assert.match((await h.get('/static/')).text, /swagger-ui\/swagger-ui.css/);
  assert.equal((await h.get('/swagger-ui/other')).code, 404);
});

test('Swagger 1.2 lists the versions and declares the resources of each', async () => {
  const groups = ['authentication.k8s.io', 'authorization.k8s.io', 'coordination.k8s.io', 'policy'];
  const { body: listing } = await h.get('/swaggerapi/');
  assert.equal(listing.swaggerVersion, '1.2');
  assert.deepEqual(
    listing.apis.map(({ path }: { path: string }) => path),
    ['/api/v1', ...groups.map((group) => `/apis/${group}/v1`)],
  );
  const { body: group } = await h.get('/swaggerapi/apis/coordination.k8s.io/v1');
  assert.ok(group.models['v1.LeaseSpec']);
  const { body } = await h.get('/swaggerapi/api/v1');
  assert.deepEqual([body.apiVersion, body.resourcePath], ['v1', '/api/v1']);
  assert.equal(body.basePath, `http://127.0.0.1:${h.port}`);
  const pods = body.apis.find(({ path }: { path: string }) => path === '/api/v1/namespaces/{namespace}/pods');
  const create = pods.operations.find(({ method }: { method: string }) => method === 'POST');
  assert.deepEqual([create.type, create.nickname], ['v1.Pod', 'createCoreV1NamespacedPod']);
  assert.equal(body.models['v1.PodSpec'].properties.containers.items.$ref, 'v1.Container');
  const references = [...JSON.stringify(body).matchAll(/"\$ref":"([^"]*)"/g)];
  for (const [, reference = ''] of references) assert.ok(body.models[reference], reference);
  assert.equal((await h.get('/swaggerapi/api/v9')).code, 404);
});
