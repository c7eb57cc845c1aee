import assert from 'node:assert/strict';
import { test } from 'node:test';
import { specHash } from '../../../../src/core/kubelet/plan/spec-hash.ts';

test('the same spec has the same hash however it is written', () => {
  const a = specHash({ name: 'a', image: 'x', resources: {}, env: [{ name: 'K', value: 'v' }] });
  const b = specHash({
    env: [{ value: 'v', name: 'K' }],
    resources: { limits: {} },
    image: 'x',
    command: [],
    name: 'a',
  });
  assert.equal(a, b);
  assert.match(a, /^[1-9a-f][0-9a-f]{0,7}$/);
});

test('another image, argument or variable is another hash', () => {
  const spec = { name: 'a', image: 'x', resources: {} };
  const hashes = [
    spec,
    { ...spec, image: 'y' },
    { ...spec, args: ['1'] },
    { ...spec, env: [{ name: 'K', value: 'v' }] },
  ];
  assert.equal(new Set(hashes.map(specHash)).size, hashes.length);
});

test('it stays what it was in earlier releases: a change would restart every container of a cluster', () => {
  assert.equal(specHash({ name: 'web', image: 'nginx:1.27', resources: {} }), 'c4f90ab1');
});
