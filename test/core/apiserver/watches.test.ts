/** Watches through the port: starts, selectors, resumption, bookmarks, ends. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { Pod } from '../../../src/core/api/kinds/index.ts';
import type { WatchEvent } from '../../../src/core/api/object.ts';
import { waitFor } from '../../helpers/wait.ts';
import { type Harness, HttpWatch, podBody, pods, startServer } from './harness.ts';

async function watch({ port }: Harness, query = '', headers = {}): Promise<HttpWatch> {
  const opened = new HttpWatch(port, `${pods}?watch=true${query}`, headers);
  await opened.open();
  return opened;
}

test('without a revision a watch begins with what is there', async () => {
  const h = await startServer();
  await h.post(pods, podBody('a'));
  const w = await watch(h);
  await w.count(1);
  await h.post(pods, podBody('b'));
  await h.merge(`${pods}/a`, { metadata: { labels: { x: 'y' } } });
  await h.delete(`${pods}/b`);
  await w.count(4);

  assert.deepEqual(w.summary, ['ADDED a', 'ADDED b', 'MODIFIED a', 'DELETED b']);
  const [, added, , deleted] = w.events;
  assert.equal(added.object.kind, 'Pod');
  assert.equal(deleted.object.spec.containers[0].name, 'main');
  assert.equal(deleted.object.metadata.resourceVersion, String(h.store.revision));
  w.close();
});

test('a watch resumes at any revision without a gap and without a repetition', async () => {
  const h = await startServer({ maxRecentChanges: 4 });
  const start = h.store.revision;
  for (let i = 0; i < 12; i++) await h.post(pods, podBody(`p${String(i).padStart(2, '0')}`));
  await h.delete(`${pods}/p03`);
  const whole = await watch(h, `&resourceVersion=${start}`);
  await whole.count(13);
  const revisions = whole.events.map(({ object }) => Number(object.metadata.resourceVersion));
  assert.deepEqual(
    revisions,
    revisions.toSorted((a, b) => a - b),
  );

  for (const [i, revision] of revisions.entries()) {
    const resumed = await watch(h, `&resourceVersion=${revision}`);
    await h.post(pods, podBody(`q${i}`));
    const expected = [...whole.summary.slice(i + 1, 13), ...revisions.slice(0, i + 1).map((_, n) => `ADDED q${n}`)];
    await resumed.count(expected.length);
    assert.deepEqual(resumed.summary, expected);
    resumed.close();
  }
  whole.close();
});

test('what happens while history is read comes after it', async () => {
  const h = await startServer({ maxRecentChanges: 1 });
  const start = h.store.revision;
  for (let i = 0; i < 5; i++) await h.post(pods, podBody(`p${i}`));
  const [w] = await Promise.all([watch(h, `&resourceVersion=${start}`), h.post(pods, podBody('late'))]);
  await w.count(6);

  assert.deepEqual(w.summary, ['ADDED p0', 'ADDED p1', 'ADDED p2', 'ADDED p3', 'ADDED p4', 'ADDED late']);
  w.close();
});

test('objects that enter a selection are added, those that leave it deleted', async () => {
  const h = await startServer();
  await h.post(pods, podBody('a'));
  const w = await watch(h, `&labelSelector=app%3Dweb&resourceVersion=${h.store.revision}`);
  for (const app of ['web', 'db']) await h.merge(`${pods}/a`, { metadata: { labels: { app } } });
  await w.count(2);

  assert.deepEqual(w.summary, ['ADDED a', 'DELETED a']);
  assert.equal(w.events[1].object.metadata.labels.app, 'web');
  assert.equal(w.events[1].object.metadata.resourceVersion, String(h.store.revision));
  w.close();
});

test('a kubelet sees the pods of its node, from the binding on', async () => {
  const h = await startServer();
  await h.post(pods, podBody('a'));
  const mine = await watch(h, `&fieldSelector=spec.nodeName%3Dcore-01&resourceVersion=${h.store.revision}`);
  const others = await watch(h, `&fieldSelector=spec.nodeName%3Dcore-02&resourceVersion=${h.store.revision}`);
  await h.post(`${pods}/a/binding`, { target: { name: 'core-01' } });
  await h.post(pods, podBody('b', { nodeName: 'core-02' }));
  await h.merge(`${pods}/a/status`, { status: { phase: 'Running' } });
  await mine.count(2);
  await others.count(1);

  assert.deepEqual(mine.summary, ['ADDED a', 'MODIFIED a']);
  assert.deepEqual(others.summary, ['ADDED b']);
  mine.close();
  others.close();
});

test('one object: by field selector, and in the old form of the path', async () => {
  const h = await startServer();
  await h.post(pods, podBody('a'));
  const now = `resourceVersion=${h.store.revision}`;
  const byField = await watch(h, `&fieldSelector=metadata.name%3Da&${now}`);
  const byPath = new HttpWatch(h.port, `/api/v1/watch/namespaces/default/pods/a?${now}`);
  await byPath.open();
  await h.post(pods, podBody('b'));
  await h.delete(`${pods}/a`);
  await Promise.all([byField.count(1), byPath.count(1)]);

  assert.deepEqual(byField.summary, ['DELETED a']);
  assert.deepEqual(byPath.summary, ['DELETED a']);
  byField.close();
  byPath.close();
});

test('a revision whose history is gone is a 410', async () => {
  const h = await startServer();
  await h.post(pods, podBody('a'));
  const old = h.store.revision;
  for (const name of ['b', 'c']) await h.post(pods, podBody(name));
  await h.store.compact(h.store.revision);

  const { code, body } = await h.get(`${pods}?watch=true&resourceVersion=${old - 1}`);
  assert.equal(code, 410);
  assert.equal(body.reason, 'Expired');
  assert.equal(body.message, `too old resource version: ${old - 1} (${h.store.compactedRevision})`);
});

test('bookmarks come every minute to those who asked, and before a timeout', async () => {
  const h = await startServer();
  const w = await watch(h, '&allowWatchBookmarks=true&timeoutSeconds=90&resourceVersion=1');
  const without = await watch(h, '&timeoutSeconds=90&resourceVersion=1');
  await h.post('/api/v1/nodes', { metadata: { name: 'n' } });
  await h.clock.advance(60_000);
  await w.count(1);
  await h.clock.advance(30_000);
  await Promise.all([w.end(), without.end()]);

  const revision = String(h.store.revision);
  const bookmark = {
    type: 'BOOKMARK',
    object: { kind: 'Pod', apiVersion: 'v1', metadata: { resourceVersion: revision } },
  };
  assert.deepEqual(w.events, [bookmark, bookmark]);
  assert.deepEqual(without.events, []);
});

test('sendInitialEvents marks the end of the state it begins with', async () => {
  const h = await startServer();
  await h.post(pods, podBody('a'));
  const query = '&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  const w = await watch(h, query);
  await w.count(2);

  assert.deepEqual(w.summary, ['ADDED a', 'BOOKMARK']);
  assert.deepEqual(w.events[1].object.metadata, {
    resourceVersion: String(h.store.revision),
    annotations: { 'k8s.io/initial-events-end': 'true' },
  });
  w.close();
  const refused = await h.get(`${pods}?watch=true&sendInitialEvents=true`);
  assert.equal(refused.code, 422);
  assert.match(refused.body.message, /resourceVersionMatch: Required value/);
});

test('a Table watch tells its columns once', async () => {
  const h = await startServer();
  await h.post(pods, podBody('a'));
  const w = await watch(h, '', { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
  await w.count(1);
  await h.merge(`${pods}/a`, { metadata: { labels: { x: 'y' } } });
  await w.count(2);

  const [first, second] = w.events.map(({ object }) => object);
  assert.equal(first.kind, 'Table');
  assert.equal(first.columnDefinitions[0].name, 'Name');
  assert.equal(first.rows[0].cells[0], 'a');
  assert.equal(first.rows[0].object.kind, 'PartialObjectMetadata');
  assert.equal(second.columnDefinitions, null);
  assert.equal(second.rows[0].object.metadata.labels.x, 'y');
  w.close();
});

test('a reader that is too slow is cut off', async () => {
  const h = await startServer({ maxWatchQueue: 10 });
  const aborting = new AbortController();
  const events: AsyncIterator<WatchEvent> = h.client
    .watch(Pod, 'default', { resourceVersion: String(h.store.revision) }, aborting.signal)
    [Symbol.asyncIterator]();
  const first = events.next();
  for (let i = 0; i < 20; i++) await h.post(pods, podBody(`p${i}`));
  await first;

  await assert.rejects(async () => {
    for (;;) await events.next();
  }, /the watch was too slow and lost events/);
});

/** A connection with a watch that reads nothing, until more has happened than its buffers and its queue hold. */
async function overflow(h: Harness): Promise<Socket> {
  const socket = connect(h.port, '127.0.0.1');
  await new Promise((resolve) => {
    socket.write(`GET ${pods}?watch=true&resourceVersion=${h.store.revision} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    socket.once('data', resolve);
  });
  socket.pause();
  const annotations = { text: 'x'.repeat(250_000) };
  const ended = waitFor(async () => (await h.get('/metrics')).text.includes('apiserver_watchers 0'));
  for (let i = 0; i < 60; i++) await h.post(pods, { ...podBody(''), metadata: { name: `p${i}`, annotations } });
  await ended;
  return socket;
}

test('a reader that is too slow is told so behind what he may still read, and resumes there', async () => {
  const h = await startServer({ maxWatchQueue: 10, maxRecentChanges: 100 });
  const socket = await overflow(h);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.resume();
  await waitFor(() => text.endsWith('\r\n0\r\n\r\n'));
  socket.destroy();

  const events = text
    .split('\r\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  const { type, object } = events.pop();
  assert.deepEqual([type, object.code, object.reason], ['ERROR', 410, 'Expired']);
  assert.equal(object.message, 'the watch was too slow and lost events; list again');
  const names = events.map((event) => event.object.metadata.name);
  assert.ok(names.length > 0 && names.length < 60);
  const resumed = await watch(h, `&resourceVersion=${events.at(-1).object.metadata.resourceVersion}`);
  await resumed.count(60 - names.length);
  names.push(...resumed.events.map((event) => event.object.metadata.name));
  assert.deepEqual(
    names,
    Array.from({ length: 60 }, (_, i) => `p${i}`),
  );
  resumed.close();
});

test('a reader that never reads is let go', async () => {
  const h = await startServer({ maxWatchQueue: 10, timeouts: { silenceMs: 1_000 } });
  const socket = await overflow(h);
  socket.on('error', () => {});
  // Nothing is read, so all that is known of the other side is that a packet to it is answered by a reset.
  await waitFor(() => !socket.write('x') || socket.destroyed);
});

test('all watchers of a kind get the same events', async () => {
  const h = await startServer();
  const watches = await Promise.all(Array.from({ length: 50 }, () => watch(h, `&resourceVersion=${h.store.revision}`)));
  for (let i = 0; i < 20; i++) await h.post(pods, podBody(`p${i}`));
  await Promise.all(watches.map((w) => w.count(20)));

  for (const w of watches) assert.deepEqual(w.events, watches[0]!.events);
  for (const w of watches) w.close();
});

test('closing the server ends watches as a timeout does', async () => {
  const h = await startServer();
  const w = await watch(h);
  await h.server.close();
  await w.end();

  assert.deepEqual(w.events, []);
});
