import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mergePatch } from '../../../../src/core/api/patch/merge.ts';

test('the examples of RFC 7386 come out as printed there', () => {
  const cases: [unknown, unknown, unknown][] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [target, patch, result] of cases) assert.deepEqual(mergePatch(target, patch), result);
});

test('neither target nor patch is changed, and untouched parts are shared', () => {
  const target = { spec: { replicas: 1, template: { a: 1 } } };
  const patch = { spec: { replicas: 2 } };
  const before = JSON.stringify([target, patch]);
  const result = mergePatch(target, patch) as typeof target;
  assert.equal(JSON.stringify([target, patch]), before);
  assert.equal(result.spec.template, target.spec.template);
});

test('a member named __proto__ is a member', () => {
  const result = mergePatch({}, JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'));
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  assert.equal(JSON.stringify(result), '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
});

test('a patch nested beyond all reason is refused', () => {
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i++) deep = { a: deep };
  assert.throws(() => mergePatch({}, deep), /nested more than 200 levels/);
});

/** The patch that turns a into b, where b has no nulls in objects. */
function diff(a: unknown, b: unknown): unknown {
  const plain = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v);
  if (!plain(a) || !plain(b)) return b;
  const out: Record<string, unknown> = {};
  for (const key of Object.keys(a)) if (!Object.hasOwn(b, key)) out[key] = null;
  for (const key of Object.keys(b)) out[key] = Object.hasOwn(a, key) ? diff(a[key], b[key]) : b[key];
  return out;
}

test('patching with the difference gives the other value', () => {
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ depthSize: 'small' }, fc.nat(9), fc.array(fc.nat(3), { maxLength: 3 }), tie('node')),
    node: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('tree'), { maxKeys: 4 }),
  }));
  fc.assert(
    fc.property(tree, tree, (a, b) => {
      // Compared as JSON text by way of a parse: dictionaries may come without a prototype.
      assert.deepEqual(plainOf(mergePatch(a, diff(a, b))), plainOf(b));
      assert.deepEqual(plainOf(mergePatch(a, {})), typeof a === 'object' && !Array.isArray(a) ? plainOf(a) : {});
    }),
  );
});

const plainOf = (value: unknown) => JSON.parse(JSON.stringify(value));
