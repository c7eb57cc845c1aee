import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  milliValue,
  parseQuantity,
  value,
} from '../../../src/core/api/quantity.ts';

test('the canonical form has no fraction and the largest suffix of its family', () => {
  const cases: [string, string][] = [
    ['0', '0'],
    ['0Ki', '0'],
    ['-0', '0'],
    ['0.5', '500m'],
    ['.5', '500m'],
    ['5.', '5'],
    ['1000m', '1'],
    ['1500m', '1500m'],
    ['1000', '1k'],
    ['1024Mi', '1Gi'],
    ['1536Mi', '1536Mi'],
    ['0.5Gi', '512Mi'],
    ['0.5Ki', '512'],
    ['0.1Gi', '107374182400m'],
    ['1Ki', '1Ki'],
    ['-1024Ki', '-1Mi'],
    ['12e6', '12e6'],
    ['1E3', '1e3'],
    ['1e0', '1'],
    ['1.5e3', '1500'],
    ['1E', '1E'],
    ['1n', '1n'],
    ['0.1n', '1n'],
    ['1.0000000001', '1000000001n'],
    ['10Ei', '9223372036854775807'],
    ['1e999999999', '9223372036854775807'],
    ['1e-999999999', '1e-9'],
  ];
  for (const [text, canonical] of cases) assert.equal(canonicalQuantity(text), canonical, text);
});

test('what is no quantity has no canonical form', () => {
  for (const text of [
    '',
    '.',
    'x',
    '1x',
    '1 Gi',
    'Gi',
    '1gi',
    '1K',
    '0x10',
    '1e',
    '--1',
    '1.2.3',
    '1e3Ki',
    '1'.repeat(200),
  ]) {
    assert.equal(canonicalQuantity(text), undefined, text);
  }
});

test('values round up', () => {
  assert.equal(value('1Gi'), 2 ** 30);
  assert.equal(value('100m'), 1);
  assert.equal(value('-100m'), 0);
  assert.equal(milliValue('0.5'), 500);
  assert.equal(milliValue('100m'), 100);
  assert.equal(milliValue('1u'), 1);
  assert.equal(milliValue('2'), 2000);
  assert.throws(() => value('much'), RangeError);
});

const suffix = fc.constantFrom('n', 'u', 'm', '', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3', 'E-2', 'e+1');
const quantity = fc
  .tuple(fc.constantFrom('', '-', '+'), fc.nat(99_999), fc.option(fc.nat(9_999)), suffix)
  .map(([sign, whole, fraction, unit]) => `${sign}${whole}${fraction === null ? '' : `.${fraction}`}${unit}`);

test('formatting keeps the amount and is stable', () => {
  fc.assert(
    fc.property(quantity, (text) => {
      const parsed = parseQuantity(text)!;
      const canonical = formatQuantity(parsed);
      assert.equal(parseQuantity(canonical)?.nano, parsed.nano);
      assert.equal(canonicalQuantity(canonical), canonical);
      assert.match(canonical, /^-?\d+([numkMGTPE]|[KMGTPE]i|e-?\d+)?$/);
    }),
  );
});

test('comparison is that of the numbers', () => {
  const number = (text: string): number => {
    const [, digits, unit = ''] = /^([+-]?[\d.]+)(.*)$/.exec(text)!;
    const powers: Record<string, number> = {
      n: 1e-9,
      u: 1e-6,
      m: 1e-3,
      '': 1,
      k: 1e3,
      M: 1e6,
      G: 1e9,
      Ki: 2 ** 10,
      Mi: 2 ** 20,
      Gi: 2 ** 30,
    };
    return Number(digits) * (powers[unit] ?? 10 ** Number(unit.slice(1)));
  };
  fc.assert(
    fc.property(quantity, quantity, (a, b) => {
      assert.equal(compareQuantities(a, b), -compareQuantities(b, a));
      const [x, y] = [number(a), number(b)];
      // Rounding to whole nanos can make a difference of one of them vanish.
      if (Math.abs(x - y) > 2e-9 + 1e-12 * Math.abs(x)) assert.equal(compareQuantities(a, b), Math.sign(x - y));
    }),
  );
});
