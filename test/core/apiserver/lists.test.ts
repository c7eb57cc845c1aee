/** Lists: order, selectors, pages and revisions. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { before, test } from 'node:test';
import { type Answer, type Harness, podBody, pods, startServer } from './harness.ts';

let h: Harness;
before(async () => {
  h = await startServer();
  await h.post('/api/v1/namespaces', { metadata: { name: 'a' } });
  for (const name of ['web-1', 'web-2', 'db-1']) {
    const node = name === 'web-1' ? { nodeName: 'core-01' } : {};
    await h.post(pods, podBody(name, { labels: { app: name.split('-')[0]! }, ...node }));
  }
  await h.post('/api/v1/namespaces/a/pods', podBody('other'));
});

const names = ({ body }: Answer): string[] =>
  body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);

test('a list is ordered by namespace and name, its items carry no type', async () => {
  const answer = await h.get('/api/v1/pods');

  assert.equal(answer.code, 200);
  assert.equal(answer.body.kind, 'PodList');
  assert.deepEqual(names(answer), ['other', 'db-1', 'web-1', 'web-2']);
  assert.equal('kind' in answer.body.items[0], false);
  const { resourceVersion, ...metadata } = answer.body.metadata;
  assert.equal(resourceVersion, String(h.store.revision));
  assert.deepEqual(metadata, {});
});

test('a list that would fill the memory comes whole, as fast as the client reads it', async () => {
  const large = { data: { text: 'x'.repeat(1_000_000) } };
  const expected = Array.from({ length: 34 }, (_, i) => `large-${String(i).padStart(2, '0')}`);
  for (const name of expected) await h.post('/api/v1/namespaces/a/configmaps', { metadata: { name }, ...large });
  const { headers, text, body } = await h.get('/api/v1/namespaces/a/configmaps');
  assert.equal(Number(headers['content-length']), text.length);
  assert.deepEqual(names({ body } as Answer), expected);

  const [gone] = (await once(get({ port: h.port, path: '/api/v1/configmaps' }), 'response')) as [IncomingMessage];
  gone.destroy();
  await once(gone, 'close');
  assert.equal((await h.get('/api/v1/namespaces/a')).code, 200);
});

test('an empty list has items', async () => {
  assert.deepEqual((await h.get('/api/v1/nodes')).body.items, []);
});

test('selectors', async () => {
  const select = async (query: string) => names(await h.get(`/api/v1/pods?${query}`));

  assert.deepEqual(await select('labelSelector=app%3Dweb'), ['web-1', 'web-2']);
  assert.deepEqual(await select('labelSelector=app%20notin%20(web)'), ['other', 'db-1']);
  assert.deepEqual(await select('fieldSelector=spec.nodeName%3Dcore-01'), ['web-1']);
  assert.deepEqual(await select('fieldSelector=spec.nodeName%3D'), ['other', 'db-1', 'web-2']);
  assert.deepEqual(await select('fieldSelector=spec.nodeName!%3Dcore-01,status.phase%3DPending'), [
    'other',
    'db-1',
    'web-2',
  ]);
  assert.deepEqual(names(await h.get(`${pods}?fieldSelector=metadata.name%3Ddb-1`)), ['db-1']);
  assert.deepEqual(names(await h.get(`${pods}?fieldSelector=metadata.name%3Dother`)), []);
});

test('a selector that cannot be read is a 400', async () => {
  for (const query of ['labelSelector=a%3D%3D%3Db', 'fieldSelector=spec.colour%3Dred']) {
    const { code, body } = await h.get(`/api/v1/pods?${query}`);
    assert.equal(code, 400);
    assert.equal(body.reason, 'BadRequest');
  }
});

test('pages show one moment, whatever is written between them', async () => {
  const { get, post, delete: remove } = await startServer();
  for (const name of ['a', 'c', 'e', 'g', 'i']) await post(pods, podBody(name));

  const first = await get(`${pods}?limit=2`);
  assert.deepEqual(names(first), ['a', 'c']);
  assert.equal(first.body.metadata.remainingItemCount, 3);
  await post(pods, podBody('d'));
  await post(pods, podBody('z'));
  await remove(`${pods}/g`);
  const second = await get(`${pods}?limit=2&continue=${first.body.metadata.continue}`);
  assert.deepEqual(names(second), ['e', 'g']);
  assert.equal(second.body.metadata.remainingItemCount, 1);
  assert.equal(second.body.metadata.resourceVersion, first.body.metadata.resourceVersion);
  const third = await get(`${pods}?limit=2&continue=${second.body.metadata.continue}`);
  assert.deepEqual(names(third), ['i']);
  assert.equal(third.body.metadata.continue, undefined);
  assert.deepEqual(names(await get(pods)), ['a', 'c', 'd', 'e', 'i', 'z']);
});

test('pages of a selection', async () => {
  const { get, post } = await startServer();
  for (let i = 0; i < 9; i++) await post(pods, podBody(`p${i}`, { labels: { odd: String(i % 2 === 1) } }));
  const query = `${pods}?labelSelector=odd%3Dtrue&limit=2`;

  const first = await get(query);
  assert.deepEqual(names(first), ['p1', 'p3']);
  assert.equal(first.body.metadata.remainingItemCount, undefined);
  // Any change makes the server read the rest out of history.
  await post(pods, podBody('p91', { labels: { odd: 'true' } }));
  const second = await get(`${query}&continue=${first.body.metadata.continue}`);
  assert.deepEqual(names(second), ['p5', 'p7']);
  assert.equal(second.body.metadata.continue, undefined);
});

test('continue tokens: 400 when wrong, 410 with one for the rest as it is now when too old', async () => {
  const { get, post, store } = await startServer();
  for (const name of ['a', 'b', 'c']) await post(pods, podBody(name));
  const { body } = await get(`${pods}?limit=1`);
  await post(pods, podBody('d'));
  await store.compact(store.revision);

  const old = await get(`${pods}?limit=1&continue=${body.metadata.continue}`);
  assert.equal(old.code, 410);
  assert.equal(old.body.reason, 'Expired');
  assert.match(old.body.message, /^The provided continue parameter is too old to display a consistent list result\./);
  const rest = await get(`${pods}?limit=2&continue=${old.body.metadata.continue}`);
  assert.deepEqual(names(rest), ['b', 'c']);
  assert.equal(rest.body.metadata.resourceVersion, String(store.revision));
  assert.deepEqual(names(await get(`${pods}?continue=${rest.body.metadata.continue}`)), ['d']);
  const wrong = await get(`${pods}?limit=1&continue=xyz`);
  assert.equal(wrong.code, 400);
  assert.match(wrong.body.message, /^invalid continue token: continue key is not valid: /);
});

test('resourceVersion: exactly, at least, and not yet', async () => {
  const { get, post, store, clock } = await startServer();
  await post(pods, podBody('a'));
  const { revision } = store;
  await post(pods, podBody('b'));

  assert.deepEqual(names(await get(`${pods}?resourceVersion=${revision}&resourceVersionMatch=Exact`)), ['a']);
  assert.deepEqual(names(await get(`${pods}?resourceVersion=${revision}`)), ['a', 'b']);
  assert.deepEqual(names(await get(`${pods}?resourceVersion=0&limit=1`)), ['a', 'b']);
  const waiting = get(`${pods}?resourceVersion=${store.revision + 1}`);
  await post(pods, podBody('c'));
  assert.deepEqual(names(await waiting), ['a', 'b', 'c']);

  const late = get(`${pods}?resourceVersion=99999`);
  let answered = false;
  void late.then(() => {
    answered = true;
  });
  await clock.runUntil(() => answered, { what: 'the server to give up' });
  const { code, body } = await late;
  assert.equal(code, 504);
  assert.equal(body.message, `Timeout: Too large resource version: 99999, current: ${store.revision}`);
  assert.equal(body.details.causes[0].reason, 'ResourceVersionTooLarge');
});

test('resourceVersion: what is wrong with it', async () => {
  const check = async (query: string, code: number, words: RegExp) => {
    const answer = await h.get(`/api/v1/pods?${query}`);
    assert.equal(answer.code, code, query);
    assert.match(answer.body.message, words);
  };
  await check('resourceVersion=abc', 400, /strconv\.ParseUint: parsing "abc": invalid syntax/);
  await check(
    'resourceVersionMatch=Exact',
    422,
    /resourceVersionMatch is forbidden unless resourceVersion is provided/,
  );
  await check('resourceVersion=5&resourceVersionMatch=Newest', 422, /supported values: "Exact", "NotOlderThan"/);
  await check('resourceVersion=0&resourceVersionMatch=Exact', 422, /forbidden for resourceVersion "0"/);
  await check('sendInitialEvents=true', 422, /sendInitialEvents is forbidden for list/);
  const { body } = await h.get('/api/v1/pods?limit=1');
  const more = `continue=${body.metadata.continue}`;
  await check(`${more}&resourceVersion=5`, 400, /specifying resource version is not allowed when using continue/);
  const both = /resourceVersionMatch is forbidden when continue is provided/;
  await check(`${more}&resourceVersion=5&resourceVersionMatch=NotOlderThan`, 422, both);
  assert.equal((await h.get(`/api/v1/pods?${more}&resourceVersion=0`)).code, 200);
  await check('watch=1&resourceVersionMatch=NotOlderThan', 422, /forbidden for watch unless sendInitialEvents/);
  await check('watch=1&sendInitialEvents=false', 422, /requires setting resourceVersionMatch to NotOlderThan/);
  await check('watch=1&sendInitialEvents=true&resourceVersionMatch=Exact', 422, /supported values: "NotOlderThan"/);
});

test('an Exact list whose history is gone is a 410', async () => {
  const { get, post, store } = await startServer();
  await post(pods, podBody('a'));
  const { revision } = store;
  await post(pods, podBody('b'));
  await store.compact(store.revision);

  assert.equal((await get(`${pods}?resourceVersion=${revision}&resourceVersionMatch=Exact`)).code, 410);
});
