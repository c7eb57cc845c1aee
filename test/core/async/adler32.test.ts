import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adler32 } from '../../../src/core/async/adler32.ts';

test('the checksum is that of RFC 1950', () => {
  assert.equal(adler32('Wikipedia'), '11e60398');
  assert.equal(adler32(''), '1');
});
