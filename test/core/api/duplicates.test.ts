import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { duplicateFields } from '../../../src/core/api/duplicates.ts';

test('members that stand twice in one object are named by their path, once each', () => {
  const json = '{"a":1,"spec":{"b":[{"c":1},{"c":1,"d":{"e":"\\"e\\\\","e":2,"e":3}}],"b":0},"\\u0061":2}';
  assert.deepEqual(duplicateFields(json), [
    'duplicate field "spec.b[1].d.e"',
    'duplicate field "spec.b"',
    'duplicate field "a"',
  ]);
});

test('the same name in different objects is none, and no value has any that JSON.stringify wrote', () => {
  assert.deepEqual(duplicateFields('[{"a":"a"},{"a":{"a":"a"}}]'), []);
  fc.assert(
    fc.property(fc.jsonValue(), fc.boolean(), (value, pretty) => {
      assert.deepEqual(duplicateFields(JSON.stringify(value, null, pretty ? 2 : 0)), []);
    }),
  );
});

test('a body full of them is not listed to its end', () => {
  const json = `[${Array.from({ length: 1000 }, () => '{"a":1,"a":2}').join()}]`;
  assert.equal(duplicateFields(json).length, 100);
});
