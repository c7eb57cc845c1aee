import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Pod } from '../../../../src/core/api/kinds/index.ts';
import { strategicMerge } from '../../../../src/core/api/patch/strategic.ts';
import { ApiError } from '../../../../src/core/api/status.ts';

const merge = (target: object, patch: object) => strategicMerge(Pod.schema, target, patch) as Record<string, never>;
const spec = (...containers: object[]) => ({ spec: { containers } });
const names = (pod: { spec?: { containers: { name: string }[] } }) => pod.spec?.containers.map(({ name }) => name);
const withFinalizers = (...finalizers: string[]) => ({ metadata: { finalizers } });

test('maps are merged, scalars replaced, null deletes', () => {
  const target = { metadata: { labels: { a: '1', b: '2' } }, spec: { nodeName: 'x', hostNetwork: true } };
  const patch = { metadata: { labels: { b: null, c: '3' } }, spec: { nodeName: 'y', hostNetwork: null } };
  assert.deepEqual(merge(target, patch), { metadata: { labels: { a: '1', c: '3' } }, spec: { nodeName: 'y' } });
});

test('items with the same merge key are merged, others added', () => {
  const merged = merge(spec({ name: 'a', image: 'x' }, { name: 'b', image: 'y' }), spec({ name: 'b', image: 'z' }));
  assert.deepEqual(merged, spec({ name: 'a', image: 'x' }, { name: 'b', image: 'z' }));
  const [k, l] = [
    { name: 'K', value: '1' },
    { name: 'L', value: '2' },
  ];
  assert.deepEqual(
    merge(spec({ name: 'a', env: [k] }), spec({ name: 'a', env: [l] })),
    spec({ name: 'a', env: [l, k] }),
  );
});

test('new items come before the live ones in front of which they stand in the patch', () => {
  const live = spec({ name: 'c1' }, { name: 'c2' }, { name: 'c3' });
  assert.deepEqual(names(merge(live, spec({ name: 'c4' }, { name: 'c2' }))), ['c4', 'c1', 'c2', 'c3']);
});

test('lists without a merge strategy are replaced', () => {
  const merged = merge(spec({ name: 'a', command: ['x', 'y'] }), spec({ name: 'a', command: ['z'] }));
  assert.deepEqual(merged, spec({ name: 'a', command: ['z'] }));
});

test('$patch deletes and replaces items and maps', () => {
  const live = spec({ name: 'a', image: 'x' }, { name: 'b', image: 'y' });
  assert.deepEqual(merge(live, spec({ $patch: 'delete', name: 'a' })), spec({ name: 'b', image: 'y' }));
  assert.deepEqual(merge(live, spec({ $patch: 'delete', name: 'absent' })), live);
  assert.deepEqual(merge(live, spec({ $patch: 'replace' }, { name: 'c' })), spec({ name: 'c' }));
  // Kept from the original: an item that carries both is dropped with the directive.
  assert.deepEqual(merge(live, spec({ name: 'a', $patch: 'replace', image: 'q' })), spec());
  const labels = (value: object) => ({ metadata: { labels: value } });
  assert.deepEqual(merge(labels({ a: '1' }), labels({ $patch: 'replace', b: '2' })), labels({ b: '2' }));
  assert.deepEqual(merge(labels({ a: '1' }), labels({ $patch: 'delete' })), labels({}));
  assert.deepEqual(merge({}, labels({ $patch: 'merge', b: '2' })), labels({ b: '2' }));
});

test('directives do not reach an object that did not have the field', () => {
  const patch = { spec: { $retainKeys: ['containers'], containers: [{ $patch: 'delete', name: 'a' }, { name: 'b' }] } };
  assert.deepEqual(merge({}, patch), spec({ name: 'b' }));
});

test('lists of scalars are sets, from which values can be taken', () => {
  assert.deepEqual(merge(withFinalizers('a/x'), withFinalizers('a/x', 'a/y')), withFinalizers('a/x', 'a/y'));
  const patch = { metadata: { finalizers: ['e'], '$deleteFromPrimitiveList/finalizers': ['x'] } };
  assert.deepEqual(merge(withFinalizers('x', 'd'), patch), withFinalizers('e', 'd'));
  const only = { metadata: { '$deleteFromPrimitiveList/finalizers': ['x'] } };
  assert.deepEqual(merge(withFinalizers('x', 'd'), only), withFinalizers('d'));
  assert.deepEqual(merge({ metadata: {} }, only), { metadata: {} });
});

test('$setElementOrder orders what it names; other items stay with their neighbours', () => {
  const live = spec({ name: 'a' }, { name: 'server' }, { name: 'b' });
  const order = [{ name: 'b' }, { name: 'a' }, { name: 'new' }];
  const patch = { spec: { '$setElementOrder/containers': order, containers: [{ name: 'new' }] } };
  assert.deepEqual(names(merge(live, patch)), ['server', 'b', 'a', 'new']);
  assert.deepEqual(names(merge(live, { spec: { '$setElementOrder/containers': order } })), ['server', 'b', 'a']);
});

test('$retainKeys clears the other members of a one-of', () => {
  const live = { spec: { volumes: [{ name: 'v', emptyDir: {} }] } };
  const volume = { $retainKeys: ['name', 'hostPath'], name: 'v', hostPath: { path: '/x' } };
  const merged = merge(live, { spec: { volumes: [volume] } });
  assert.deepEqual(merged, { spec: { volumes: [{ name: 'v', hostPath: { path: '/x' } }] } });
});

test('fields the kind does not have are merged as plain JSON', () => {
  assert.deepEqual(merge({ x: { a: [1], b: 1 } }, { x: { a: [2], c: 3 } }), { x: { a: [2], b: 1, c: 3 } });
});

test('patches that make no sense are refused in the words of the original', () => {
  const refusal = (patch: object) => {
    try {
      merge(spec({ name: 'a' }), patch);
    } catch (error) {
      if (error instanceof ApiError) return [error.code, error.status.reason, error.message];
    }
    return undefined;
  };
  const noKey = 'map: map[image:x] does not contain declared merge key: name';
  assert.deepEqual(refusal(spec({ image: 'x' })), [500, undefined, noKey]);
  const unknown = 'unknown patch type: bogus in map: map[$patch:bogus a:1]';
  assert.deepEqual(refusal({ spec: { $patch: 'bogus', a: 1 } }), [500, undefined, unknown]);
  const retain = { spec: { $retainKeys: ['nodeName'], hostNetwork: true } };
  assert.deepEqual(refusal(retain), [400, 'BadRequest', 'invalid patch format of retainKeys']);
  const [a, b] = [{ name: 'a' }, { name: 'b' }];
  const mismatch =
    "The order in patch list:\n[map[name:a] map[name:b]]\n doesn't match $setElementOrder list:\n[map[name:b] map[name:a]]\n";
  const order = { spec: { '$setElementOrder/containers': [b, a], containers: [a, b] } };
  assert.deepEqual(refusal(order), [500, undefined, mismatch]);
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i++) deep = { a: deep };
  assert.match(String(refusal(deep as object)), /nested more than 200 levels/);
});

type Container = Record<string, string>;

/** The patch kubectl would compute: what turns the first list of containers into the second. */
function diff(from: Container[], to: Container[]) {
  const removed = from.filter(({ name }) => !to.some((item) => item['name'] === name));
  const kept = to.map((item) => {
    const old = from.find(({ name }) => name === item['name']) ?? {};
    const cleared = Object.keys(old).filter((member) => !(member in item));
    return { ...item, ...Object.fromEntries(cleared.map((member) => [member, null])) };
  });
  const order = to.map(({ name }) => ({ name }));
  const deletions = removed.map(({ name }) => ({ $patch: 'delete', name }));
  return { spec: { '$setElementOrder/containers': order, containers: [...kept, ...deletions] } };
}

const container: fc.Arbitrary<Container> = fc.record(
  { name: fc.constantFrom('a', 'b', 'c', 'd', 'e'), image: fc.constantFrom('x', 'y'), workingDir: fc.constant('/w') },
  { requiredKeys: ['name'], noNullPrototype: true },
);
const containers = fc.uniqueArray(container, { selector: ({ name }) => name, maxLength: 5 });

test('patching with the difference gives the other object, and again changes nothing', () => {
  fc.assert(
    fc.property(containers, containers, (from, to) => {
      const before = JSON.stringify(from);
      const once = merge(spec(...from), diff(from, to));
      assert.deepEqual(once, spec(...to));
      assert.deepEqual(merge(once, diff(from, to)), once);
      assert.equal(JSON.stringify(from), before);
    }),
  );
});

test('no live item is lost and none comes twice', () => {
  fc.assert(
    fc.property(containers, containers, (live, patch) => {
      const merged = names(merge(spec(...live), spec(...patch))) ?? [];
      assert.deepEqual([...merged].sort(), [...new Set([...live, ...patch].map(({ name }) => name))].sort());
    }),
  );
});
