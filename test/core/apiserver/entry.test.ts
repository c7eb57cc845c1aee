import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ConfigMap } from '../../../src/core/api/kinds/index.ts';
import { Entry, encode } from '../../../src/core/apiserver/entry.ts';
import { joinItems } from '../../../src/core/apiserver/items.ts';
import { LastUsed } from '../../../src/core/apiserver/last-used.ts';

const configMap = (name: string, size = 1) => ({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name, namespace: 'default', labels: { name } },
  data: { text: 'ä'.repeat(size) },
});

const entryOf = (name: string, revision: number, size = 1) =>
  new Entry(ConfigMap, `/registry/configmaps/default/${name}`, encode(configMap(name, size)), revision);

test('an object that nobody reads in the turn of its write is made again from its bytes', async () => {
  const written = configMap('a');
  const entry = new Entry(ConfigMap, 'a', encode(written), 7);
  const read = new Entry(ConfigMap, 'b', encode(written), 8);
  assert.equal(read.object, written);
  await turn();
  assert.equal(read.object, written);
  assert.notEqual(entry.object, written);
  assert.deepEqual(entry.object, { ...configMap('a'), metadata: { ...configMap('a').metadata, resourceVersion: '7' } });
  assert.ok(Object.isFrozen(entry.object.metadata.labels));
  assert.deepEqual(entry.labels, { name: 'a' });
});

test('what was not used for two generations is forgotten', () => {
  const forgotten: string[] = [];
  const used = new LastUsed<{ forget(): void }>(10);
  const thing = (name: string) => ({ forget: () => void forgotten.push(name) });
  const [a, b] = [thing('a'), thing('b')];
  used.use(a, 6);
  used.use(b, 6);
  assert.equal(used.generation, 1);
  used.use(a, 6);
  used.use(thing('c'), 6);
  assert.deepEqual([used.generation, forgotten], [2, ['b']]);
});

test('items come in one piece while they are few, in many when they would fill the memory', () => {
  const text = (entries: Entry[]) => Buffer.concat([...joinItems(entries).pieces]).toString();
  assert.equal(text([]), '');
  const few = [entryOf('a', 3), entryOf('b', 12)];
  const expected = few.map(({ object: { kind: _, apiVersion: __, ...item } }) => item);
  assert.deepEqual(JSON.parse(`[${text(few)}]`), expected);
  assert.equal(joinItems(few).length, Buffer.byteLength(text(few)));

  const many = Array.from({ length: 40 }, (_, i) => entryOf(`large-${i}`, i + 1, 250_000));
  const { length, pieces } = joinItems(many);
  const parts = [...pieces];
  assert.ok(parts.length > 10);
  assert.equal(Buffer.concat(parts).length, length);
  assert.equal(JSON.parse(`[${Buffer.concat(parts)}]`).length, 40);
  assert.equal([...pieces].length, parts.length, 'for the next reader, too');
});
