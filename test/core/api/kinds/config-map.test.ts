import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap } from '../../../../src/core/api/kinds/index.ts';
import { wrongUpdate, wrongWith } from '../../../helpers/field-errors.ts';

test('keys are names of files, and in one of the two only', () => {
  assert.deepEqual(wrongWith(ConfigMap, { data: { seal: 'x' } }), [
    'data[seal]: Invalid value: "seal": duplicate of key present in binaryData',
  ]);
  assert.match(
    wrongWith(ConfigMap, { data: { 'a b': '' } })[0] ?? '',
    /^data\[a b\]: Invalid value: "a b": a valid config key/,
  );
  assert.match(
    wrongWith(ConfigMap, { binaryData: { '..': '' } })[0] ?? '',
    /^binaryData\[\.\.\]: .*must not be '\.\.'/,
  );
});

test('all values together have a bound, texts by their bytes', () => {
  const half = 'é'.repeat(256 * 1024);
  assert.deepEqual(wrongWith(ConfigMap, { data: { a: half }, binaryData: null }), []);
  const more = Buffer.alloc(512 * 1024 + 1).toString('base64');
  assert.deepEqual(wrongWith(ConfigMap, { data: { a: half }, binaryData: { b: more } }), [
    'data: Too long: may not be more than 1048576 bytes',
  ]);
});

test('an immutable one stays as a whole, but for its labels', () => {
  const example = { ...ConfigMap.example, immutable: true };
  const frozen = 'Forbidden: field is immutable when `immutable` is set';
  assert.deepEqual(wrongUpdate(ConfigMap, { immutable: null }, { example }), [`immutable: ${frozen}`]);
  assert.deepEqual(wrongUpdate(ConfigMap, { data: { mode: 'x' }, binaryData: null }, { example }), [
    `data: ${frozen}`,
    `binaryData: ${frozen}`,
  ]);
  assert.deepEqual(wrongUpdate(ConfigMap, { metadata: { labels: { a: 'b' } } }, { example }), []);
  assert.deepEqual(wrongUpdate(ConfigMap, { immutable: true, data: null }), []);
});
