import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  difference,
  type FieldSet,
  inOrder,
  intersection,
  isEmpty,
  Level,
  noFields,
  pathsOf,
  union,
} from '../../../../src/core/api/apply/fields.ts';

const element = fc.constantFrom('f:a', 'f:b', 'k:{"name":"x"}', 'v:1');
const levelOf = (below: fc.Arbitrary<FieldSet>): fc.Arbitrary<FieldSet> =>
  fc.array(fc.tuple(element, fc.boolean(), below), { maxLength: 3 }).map((nodes) => {
    const level = new Level();
    for (const [name, member, set] of nodes) level.add(name, member, set);
    return level.set;
  });
const set = levelOf(levelOf(levelOf(fc.constant(noFields))));
/** A set as the sorted list of what is in it: a model to hold the operations against. */
const members = (fields: FieldSet) => pathsOf(fields).sort();

test('the operations are those of sets', () => {
  fc.assert(
    fc.property(set, set, (a, b) => {
      const [inA, inB] = [new Set(members(a)), new Set(members(b))];
      assert.deepEqual(members(union(a, b)), [...new Set([...inA, ...inB])].sort());
      assert.deepEqual(
        members(intersection(a, b)),
        members(a).filter((path) => inB.has(path)),
      );
      assert.deepEqual(
        members(difference(a, b)),
        members(a).filter((path) => !inB.has(path)),
      );
      assert.equal(isEmpty(difference(a, a)), true);
      assert.equal(JSON.stringify(inOrder(union(a, b))), JSON.stringify(inOrder(union(b, a))));
    }),
  );
});

test('a node is in the set when it has the member ".", or nothing below it', () => {
  const labels: FieldSet = { 'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } } };
  assert.deepEqual(pathsOf(labels), ['.metadata.labels', '.metadata.labels.app']);
  assert.deepEqual(difference(labels, { 'f:metadata': { 'f:labels': {} } }), {
    'f:metadata': { 'f:labels': { 'f:app': {} } },
  });
  assert.deepEqual(difference(labels, { 'f:metadata': { 'f:labels': { 'f:app': {} } } }), {
    'f:metadata': { 'f:labels': {} },
  });
});

test('paths name items by their keys', () => {
  const fields: FieldSet = {
    'f:spec': {
      'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { 'f:name': {} } },
      'f:hold': { 'v:"a"': {}, 'i:2': {} },
    },
  };
  assert.deepEqual(pathsOf(fields), ['.spec.hold[2]', '.spec.hold[="a"]', '.spec.ports[port=80,protocol="TCP"].name']);
});

test('what users write into such a tree does no harm', () => {
  const odd = JSON.parse('{"__proto__":{"f:x":{}},"f:a":null,"f:b":7,"f:c":{"x":{}},"k:no json":{}}') as FieldSet;
  const result = union(odd, { 'f:a': { 'f:b': {} } });
  assert.equal(({} as Record<string, unknown>)['f:x'], undefined);
  assert.deepEqual(pathsOf(result), ['.a', '.a.b', '.b', '[no json]']);
});
