import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonPatch } from '../../../../src/core/api/patch/json.ts';

test('operations are applied in order, to a copy', async () => {
  const target = { a: { b: [1, 2] }, 'x/y~z': 1 };
  const result = await jsonPatch(target, [
    { op: 'test', path: '/a/b/0', value: 1 },
    { op: 'add', path: '/a/b/-', value: 3 },
    { op: 'add', path: '/a/b/0', value: 0 },
    { op: 'remove', path: '/x~1y~0z' },
    { op: 'copy', from: '/a/b', path: '/c' },
    { op: 'move', from: '/a/b', path: '/d' },
    { op: 'replace', path: '/d/0', value: null },
  ]);
  assert.deepEqual(result, { a: {}, c: [0, 1, 2, 3], d: [null, 1, 2, 3] });
  assert.deepEqual(target, { a: { b: [1, 2] }, 'x/y~z': 1 });
});

test('an operation that cannot be done refuses the patch, without saying which', async () => {
  const refused = [
    { op: 'test', path: '/a', value: 2 },
    { op: 'replace', path: '/missing', value: 1 },
    { op: 'remove', path: '/missing' },
    { op: 'add', path: '/missing/child', value: 1 },
    { op: 'add', path: '/list/7', value: 1 },
    { op: 'bogus', path: '/a' },
    { op: 'add', path: 'a', value: 1 },
    { op: 'add', path: '/a' },
    { op: 'add', path: '/__proto__/polluted', value: 1 },
  ];
  const message = 'the server rejected our request due to an error in our request';
  for (const operation of refused) {
    await assert.rejects(jsonPatch({ a: 1, list: [] }, [operation]), { message, code: 422 });
  }
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
});

test('what is no list of operations is a bad request', async () => {
  for (const patch of [{}, null, 'x', [1], [{ op: 'add' }]]) {
    await assert.rejects(jsonPatch({}, patch), { reason: 'BadRequest' });
  }
  const tooMany = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/a', value: 1 }));
  await assert.rejects(jsonPatch({ a: 1 }, tooMany), { code: 413 });
});

test('copies cannot make an object grow beyond all bounds', async () => {
  const doubling = Array.from({ length: 100 }, (_, i) => ({ op: 'copy', from: '', path: `/copy${i}` }));
  await assert.rejects(jsonPatch({ a: 'x'.repeat(100) }, doubling), { code: 422 });
});
