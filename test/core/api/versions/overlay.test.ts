import assert from 'node:assert/strict';
import { test } from 'node:test';
import { overlay } from '../../../../src/core/api/versions/index.ts';

test('what was not seen stays', () => {
  const stored = { a: 1, hidden: 2, deep: { b: 3, hidden: 4 } };
  const seen = { a: 1, deep: { b: 3 } };
  assert.deepEqual(overlay({ a: 5, deep: { b: 6 } }, seen, stored), { a: 5, hidden: 2, deep: { b: 6, hidden: 4 } });
  assert.equal(overlay(structuredClone(seen), seen, stored), stored);
});

test('what was seen and left out goes', () => {
  assert.deepEqual(overlay({}, { a: 1, b: [1] }, { a: 1, b: [1], hidden: 2 }), { hidden: 2 });
});

test('what is new comes', () => {
  assert.deepEqual(overlay({ a: 1, b: 2 }, { a: 1 }, { a: 1, hidden: 3 }), { a: 1, b: 2, hidden: 3 });
  assert.deepEqual(overlay({ b: { c: 1 } }, {}, {}), { b: { c: 1 } });
});

test('items with names keep what was not seen of them, whatever their order', () => {
  const stored = [
    { name: 'a', image: '1', hidden: 1 },
    { name: 'b', image: '1', hidden: 2 },
  ];
  const seen = [
    { name: 'a', image: '1' },
    { name: 'b', image: '1' },
  ];
  const wished = [
    { name: 'b', image: '2' },
    { name: 'c', image: '1' },
  ];
  assert.deepEqual(overlay(wished, seen, stored), [{ name: 'b', image: '2', hidden: 2 }, wished[1]]);
});

test('items without names are paired by place while the list keeps its length', () => {
  const stored = [{ port: 80, hidden: 1 }, { port: 81 }];
  const seen = [{ port: 80 }, { port: 81 }];
  assert.deepEqual(overlay([{ port: 8080 }, { port: 81 }], seen, stored), [{ port: 8080, hidden: 1 }, { port: 81 }]);
  assert.deepEqual(overlay([{ port: 80 }], seen, stored), [{ port: 80 }]);
});

test('a key named __proto__ is a key', () => {
  const wished = JSON.parse('{"__proto__": {"a": 1}}');
  const out = overlay(wished, {}, { b: 1 }) as object;
  assert.deepEqual(Object.keys(out), ['b', '__proto__']);
  assert.equal(Object.getPrototypeOf(out), Object.prototype);
});
