import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Secret } from '../../src/core/api/kinds/index.ts';
import { startApi, type TestCluster } from '../helpers/cli.ts';
import { virtualClock } from '../helpers/clock.ts';

const api: TestCluster = await startApi({ clock: virtualClock() });
after(() => api.close());

test('a token is printed once, listed without its secret, and gone when it is deleted', async () => {
  const made = await api.run(['token', 'create', '--ttl', '1h', '--description', 'rack 2']);
  assert.equal(made.code, 0);
  assert.match(made.stdout, /^[a-z0-9]{6}\.[a-z0-9]{26}\n$/);
  const [id = '', secret = ''] = made.stdout.trim().split('.');

  const listed = await api.run('token list');
  assert.match(listed.stdout, new RegExp(`^TOKEN +EXPIRES +DESCRIPTION\\n${id} +\\S+( \\S+)? +rack 2\\n$`));
  assert.ok(!listed.stdout.includes(secret));
  const json = JSON.parse((await api.run('token list -o json')).stdout) as { tokens: { id: string }[] };
  assert.deepEqual(Object.keys(json.tokens[0] ?? {}).sort(), ['description', 'expires', 'id']);

  assert.deepEqual(await api.run(`token delete ${id}`), { code: 0, stdout: `token "${id}" deleted\n`, stderr: '' });
  assert.equal((await api.run('token list')).stderr, 'No tokens found\n');
  const again = await api.run(`token delete ${id}`);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /there is no token/);
});

test('a token may be good for ever, and is a secret that says what it is for', async () => {
  const [id = ''] = (await api.run('token create --ttl 0')).stdout.split('.');
  assert.match((await api.run('token list')).stdout, new RegExp(`${id} +never +-`));
  const { type, data } = await api.client.get(Secret, 'kube-system', `bootstrap-token-${id}`);
  assert.equal(type, 'bootstrap.kubernetes.io/token');
  assert.ok(data?.['usage-bootstrap-authentication']);
  assert.equal(data?.['expiration'], undefined);
});
