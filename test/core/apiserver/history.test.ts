/** The past: what happened to an object, and objects and lists as they were. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { ObjectHistory } from '../../../src/core/api/history.ts';
import { ConfigMap } from '../../../src/core/api/kinds/index.ts';
import { type Harness, startServer } from './harness.ts';

const maps = '/api/v1/namespaces/default/configmaps';
const historyOf = (name: string) => `/kubecfg/history?resource=configmaps&name=${name}`;
const versionOf = ({ metadata }: { metadata: { resourceVersion: string } }) => metadata.resourceVersion;

let h: Harness;
before(async () => {
  h = await startServer();
});

/** What every change left the object as. */
const texts = ({ changes }: ObjectHistory) =>
  changes.map(({ type, object }) => `${type} ${(object as unknown as ConfigMap).data?.['text']}`);

async function setText(name: string, text: string): Promise<string> {
  return versionOf(await h.client.patch(ConfigMap, 'default', name, { data: { text } }));
}

const create = (name: string, text: string) =>
  h.client.create(ConfigMap, { metadata: { name, namespace: 'default' }, data: { text } });

test('every change of one object, in order, with its time; and nothing of others', async () => {
  await create('a', '1');
  await create('a-b', 'other');
  await h.clock.advance(5_000);
  await setText('a', '2');
  await h.client.delete(ConfigMap, 'default', 'a');
  await create('a', '3');

  const { body } = await h.get(historyOf('a'));
  assert.deepEqual(texts(body), ['ADDED 1', 'MODIFIED 2', 'DELETED 2', 'ADDED 3']);
  assert.deepEqual([body.from, body.before], [0, null]);
  const times = body.changes.map(({ time }: { time: string }) => Date.parse(time));
  assert.equal(times[1] - times[0], 5_000);
  assert.equal(body.revision, h.store.revision);
});

test('history begins where the store was compacted, with what was there then', async () => {
  await create('b', '1');
  const from = Number(await setText('b', '2'));
  await setText('b', '3');
  await h.store.compact(from);
  const { body } = await h.get(historyOf('b'));
  assert.deepEqual(texts(body), ['MODIFIED 3']);
  assert.deepEqual([body.from, body.before.data.text], [from, '2']);
});

test('history of nothing', async () => {
  assert.equal((await h.get(historyOf('never'))).code, 404);
  assert.equal((await h.get('/kubecfg/history?resource=boxes&name=a')).code, 404);
  assert.equal((await h.get('/kubecfg/history?resource=pods')).code, 400);
});

test('an object as it was at a revision', async () => {
  const first = versionOf(await create('c', '1'));
  const second = await setText('c', '2');
  await h.client.delete(ConfigMap, 'default', 'c');
  const read = async (revision: string | number) =>
    (await h.get(`${maps}/c?resourceVersion=${revision}&resourceVersionMatch=Exact`)).body;
  assert.deepEqual([(await read(first)).data.text, versionOf(await read(first))], ['1', first]);
  assert.equal((await read(second)).data.text, '2');
  assert.equal((await read(Number(first) - 1)).reason, 'NotFound');
  assert.equal((await read(h.store.revision)).reason, 'NotFound');
  assert.equal((await read(h.store.revision + 9)).reason, 'Timeout');
  await h.store.compact(h.store.revision);
  const gone = await read(first);
  assert.deepEqual([gone.code, gone.message], [410, 'The resourceVersion for the provided object is too old.']);
});
