import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkKey, compareKeys, prefixEnd } from '../../../src/core/store/keys.ts';

const text = fc.string({
  unit: fc.constantFrom('/', 'a', 'b', 'é', '\uff5e', '\ud7ff', '\ue000', '\u{1f600}', '\u{10ffff}'),
});

test('keys are in the order of their UTF-8 bytes', () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      assert.equal(Math.sign(compareKeys(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

test('exactly the keys with a prefix lie between it and its end', () => {
  fc.assert(
    fc.property(text, text, (prefix, key) => {
      const inside = compareKeys(key, prefix) >= 0 && compareKeys(key, prefixEnd(prefix)) < 0;
      assert.equal(inside, key.startsWith(prefix));
    }),
  );
});

test('a key that could not be kept is refused', () => {
  assert.throws(() => checkKey(''), /may not be empty/);
  assert.throws(() => checkKey('/a\ud800'), /half a character/);
  assert.throws(() => checkKey(`/${'a'.repeat(1_900)}`), /longer than 1900 bytes/);
  assert.throws(() => checkKey(`/${'é'.repeat(950)}`), /longer than 1900 bytes/);
  checkKey(`/${'é'.repeat(949)}`);
});
