import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { UsageError } from '../../../src/core/cli/errors.ts';
import { storeWishOf } from '../../../src/core/cli/store-flags.ts';

test('nothing said keeps what there is; naming etcd is wanting it', () => {
  assert.equal(storeWishOf({}), undefined);
  assert.equal(storeWishOf({ store: 'embedded' }), false);
  assert.deepEqual(storeWishOf({ 'etcd-servers': 'http://a:2379, http://b:2379/' }), {
    servers: ['http://a:2379', 'http://b:2379'],
  });
});

test('files are found from anywhere, prefixes begin with a slash and end without', () => {
  const wish = storeWishOf({
    store: 'etcd',
    'etcd-servers': 'https://a:2379',
    'etcd-prefix': 'blue/',
    'etcd-cafile': 'ca.crt',
    'etcd-certfile': 'me.crt',
    'etcd-keyfile': 'me.key',
    'etcd-username': 'me',
    'etcd-password-file': 'password',
  });
  assert.deepEqual(wish, {
    servers: ['https://a:2379'],
    prefix: '/blue',
    caFile: resolve('ca.crt'),
    certFile: resolve('me.crt'),
    keyFile: resolve('me.key'),
    username: 'me',
    passwordFile: resolve('password'),
  });
});

for (const [flags, message] of [
  [{ store: 'etcd' }, '--store etcd needs --etcd-servers'],
  [{ 'etcd-prefix': '/blue' }, '--etcd-prefix needs --etcd-servers'],
  [{ store: 'embedded', 'etcd-servers': 'http://a:1' }, '--store embedded has no --etcd-servers'],
  [{ 'etcd-servers': 'a:2379' }, '--etcd-servers: "a:2379" is not an address such as http://127.0.0.1:2379'],
  [{ 'etcd-servers': 'http://a:1,https://b:1' }, '--etcd-servers: either all are reached by https, or none'],
  [{ 'etcd-servers': 'https://a:1', 'etcd-certfile': 'x' }, '--etcd-certfile and --etcd-keyfile belong together'],
] as const) {
  test(message, () => {
    assert.throws(
      () => storeWishOf(flags),
      (error) => error instanceof UsageError && error.message === message,
    );
  });
}
