/** A server that shares its store with others answers as if it were alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap } from '../../../src/core/api/kinds/index.ts';
import { silentLog } from '../../../src/core/async/log.ts';
import {
  openEmbeddedStore,
  type Store,
  StoreFullError,
  StoreTooLargeError,
  StoreUnavailableError,
  UnknownOutcomeError,
} from '../../../src/core/store/index.ts';
import { virtualClock } from '../../helpers/clock.ts';
import { startServer, withOverrides } from './harness.ts';

const path = '/api/v1/namespaces/default/configmaps';

async function shared(confirm: () => Promise<number>, overrides: Partial<Store> = {}) {
  const store = await openEmbeddedStore({ clock: virtualClock(), log: silentLog });
  const counted = { confirms: 0 };
  const counting = () => {
    counted.confirms++;
    return confirm();
  };
  const server = await startServer({ store: withOverrides(store, { ...overrides, confirm: counting }) });
  return { ...server, counted };
}

test('each request asks how far the others have come, except those that name a state', async () => {
  const { get, post, server, counted } = await shared(async () => 1);
  const asked = async (request: () => Promise<unknown>) => {
    const before = counted.confirms;
    await request();
    return counted.confirms - before;
  };
  assert.equal(await asked(() => post(path, { metadata: { name: 'a' } })), 1);
  assert.equal(await asked(() => get(`${path}/a`)), 1);
  assert.equal(await asked(() => get(path)), 1);
  const watch = server.transport
    .watch({ verb: 'watch', kind: ConfigMap, namespace: 'default' }, new AbortController().signal)
    [Symbol.asyncIterator]();
  assert.equal(await asked(() => watch.next()), 1);
  await watch.return?.();
  assert.equal(await asked(() => server.transport.raw('/version')), 0);
  assert.equal(await asked(() => get(`${path}/a?resourceVersion=0`)), 0);
  assert.equal(await asked(() => get(`${path}?resourceVersion=1`)), 0);
});

test('a store that cannot be reached is told from a request whose outcome is unknown', async () => {
  let failure: Error | undefined;
  const confirm = async () => {
    if (failure) throw failure;
    return 1;
  };
  const { get } = await shared(confirm);
  for (const [error, code, reason, retryAfterSeconds] of [
    [new StoreUnavailableError('no leader'), 503, 'ServiceUnavailable', 1],
    [new UnknownOutcomeError('no answer'), 504, 'Timeout', undefined],
    [new StoreTooLargeError('large'), 413, 'RequestEntityTooLarge', undefined],
    [new StoreFullError('full'), 507, 'InsufficientStorage', undefined],
  ] as const) {
    failure = error;
    const { body } = await get(path);
    assert.deepEqual([body.code, body.reason, body.details?.retryAfterSeconds], [code, reason, retryAfterSeconds]);
    assert.match(body.message, new RegExp(error.message));
    const { code: any } = await get(`${path}?resourceVersion=0`);
    assert.equal(any, 200);
  }
});
