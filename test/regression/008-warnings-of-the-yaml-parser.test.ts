/** What the YAML parser thought of a request's body went to the standard error of the server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBody } from '../../src/core/apiserver/http/body.ts';

test('a body that the parser would warn of is read in silence', async (t) => {
  const warn = t.mock.method(process, 'emitWarning', () => {});
  await parseBody(Buffer.from('? {a: b}\n: c'), 'application/yaml');
  assert.equal(warn.mock.callCount(), 0);
});
