import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expand } from '../../../../src/core/kubelet/config/expand.ts';

const variables = new Map([
  ['A', 'one'],
  ['B', '$(A)'],
  ['EMPTY', ''],
]);
const rows: [string, string][] = [
  ['$(A)', 'one'],
  ['x$(A)y$(A)', 'xoneyone'],
  ['$(EMPTY)', ''],
  ['$(UNKNOWN)', '$(UNKNOWN)'],
  ['$(B)', '$(A)'],
  ['$$(A)', '$(A)'],
  ['$$$(A)', '$one'],
  ['$$$$(A)', '$$(A)'],
  ['$A', '$A'],
  ['$(A', '$(A'],
  ['$', '$'],
  ['a$', 'a$'],
  ['$()', '$()'],
  ['', ''],
];
for (const [text, wanted] of rows) {
  test(`${JSON.stringify(text)} becomes ${JSON.stringify(wanted)}`, () =>
    assert.equal(expand(text, variables), wanted));
}
