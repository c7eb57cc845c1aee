/** The server's picture of the store: shared objects, commits in one turn, foreign writes, lost events. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '../../../src/core/api/kinds/index.ts';
import type { KubeList, Stored, WatchEvent } from '../../../src/core/api/object.ts';
import { silentLog } from '../../../src/core/async/log.ts';
import { openEmbeddedStore, type StoreWatch, type WatchListener } from '../../../src/core/store/index.ts';
import { virtualClock } from '../../helpers/clock.ts';
import { HttpWatch, podBody, pods, startServer, withOverrides } from './harness.ts';

const draft = (name: string) => ({ ...podBody(name), metadata: { name, namespace: 'default' } });

test('components of one process get the same frozen object', async () => {
  const { client, store } = await startServer();
  const after = String(store.revision);
  const created = await client.create(Pod, draft('a'));
  const list: KubeList<Pod> = await client.list(Pod);
  const events: AsyncIterator<WatchEvent<Pod>> = client
    .watch(Pod, '', { resourceVersion: after }, new AbortController().signal)
    [Symbol.asyncIterator]();
  const event = (await events.next()).value as WatchEvent<Pod>;
  await events.return?.();

  assert.equal(await client.get(Pod, 'default', 'a'), created);
  assert.equal(list.items[0], created);
  assert.equal(event.object, created);
  assert.throws(() => {
    (created as Stored<Pod>).metadata.labels = { changed: 'yes' };
  }, TypeError);
  assert.throws(() => {
    created.spec.containers[0]!.image = 'other';
  }, TypeError);
});

test('what the caller does to its body later does not matter', async () => {
  const { client } = await startServer();
  const body = draft('a');
  const created = await client.create(Pod, body);
  body.spec.containers[0]!.image = 'changed';

  assert.equal(created.spec.containers[0]!.image, 'test');
});

test('writes that come in one turn of the event loop reach the store in that turn', async () => {
  const clock = virtualClock();
  const store = await openEmbeddedStore({ clock, log: silentLog });
  let calls = 0;
  const counting = withOverrides(store, {
    txn(txn) {
      calls++;
      return store.txn(txn);
    },
  });
  const { client } = await startServer({ store: counting });
  const before = calls;

  const writes = Array.from({ length: 10 }, (_, i) => client.create(Pod, draft(`p${i}`)));
  assert.equal(calls - before, 10);
  await Promise.all(writes);
  const bindings = Array.from({ length: 10 }, (_, i) => client.bind(Pod, 'default', `p${i}`, 'core-01'));
  assert.equal(calls - before, 20);
  await Promise.all(bindings);
});

test('a value written by hand is served whatever the order of its members; one that is no object is not', async () => {
  const h = await startServer();
  const value = (text: string) => Buffer.from(text);
  const spec = { containers: [{ name: 'main', image: 'test' }] };
  const metadata = { namespace: 'default', name: 'hand', resourceVersion: '1' };
  const put = (key: string, text: string) =>
    h.store.txn({ then: [{ type: 'put', key: `/registry/pods/default/${key}`, value: value(text) }] });
  await put('hand', JSON.stringify({ spec, metadata, status: {}, apiVersion: 'v1', kind: 'Pod' }));
  await put('junk', 'not json');
  await put('half', '{"kind":"Pod"}');

  const { body } = await h.get(pods);
  assert.equal(body.items.length, 1);
  assert.equal(body.items[0].metadata.name, 'hand');
  assert.notEqual(body.items[0].metadata.resourceVersion, '1');
  assert.equal((await h.get(`${pods}/hand`)).body.kind, 'Pod');
  assert.equal((await h.get(`${pods}/junk`)).code, 404);
  assert.equal((await h.delete(`${pods}/hand`)).code, 200);
});

test('a server that lost the events of its store reads everything again, and its watches go on', async () => {
  const clock = virtualClock();
  const store = await openEmbeddedStore({ clock, log: silentLog });
  let listener: WatchListener | undefined;
  let watch: StoreWatch | undefined;
  const flaky = withOverrides(store, {
    watch(options, listening) {
      listener = listening;
      watch = store.watch(options, listening);
      return watch;
    },
  });
  const h = await startServer({ store: flaky, clock });
  for (const name of ['kept', 'gone']) await h.post(pods, podBody(name));
  const w = new HttpWatch(h.port, `${pods}?watch=true&resourceVersion=${store.revision}`);
  await w.open();

  watch?.close();
  const writer = await startServer({ store, clock });
  await writer.post(pods, podBody('missed'));
  await writer.delete(`${pods}/gone`);
  await writer.merge(`${pods}/kept`, { metadata: { labels: { a: 'b' } } });
  listener?.error(new Error('the connection broke'));
  await clock.advance(1000);
  await w.count(3);

  assert.deepEqual(w.summary.toSorted(), ['ADDED missed', 'DELETED gone', 'MODIFIED kept']);
  const { body } = await h.get(pods);
  assert.deepEqual(
    body.items.map(({ metadata }: Stored) => metadata.name),
    ['kept', 'missed'],
  );
  w.close();
});
