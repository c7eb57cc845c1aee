import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { age, formatGoDuration, humanDuration, parseGoDuration } from '../../../src/core/api/duration.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

test('ages change their unit where kubectl changes it', () => {
  const cases: [number, string][] = [
    [-5 * second, '<invalid>'],
    [-1 * second, '0s'],
    [0, '0s'],
    [119 * second, '119s'],
    [120 * second, '2m'],
    [121 * second, '2m1s'],
    [10 * minute - second, '9m59s'],
    [10 * minute, '10m'],
    [3 * hour - minute, '179m'],
    [3 * hour, '3h'],
    [8 * hour - minute, '7h59m'],
    [8 * hour, '8h'],
    [48 * hour - minute, '47h'],
    [48 * hour, '2d'],
    [49 * hour, '2d1h'],
    [8 * day, '8d'],
    [2 * 365 * day - day, '729d'],
    [2 * 365 * day, '2y'],
    [2 * 365 * day + day, '2y1d'],
    [8 * 365 * day + day, '8y'],
  ];
  for (const [ms, text] of cases) assert.equal(humanDuration(ms), text, `${ms} ms`);
  assert.equal(age('2026-11-25T10:00:00Z', Date.parse('2026-11-25T10:05:30Z')), '5m30s');
  assert.equal(age(null, 0), '<unknown>');
});

test('Go durations are read and written as Go does', () => {
  const read: [string, number | undefined][] = [
    ['1h30m', 90 * minute],
    ['1.5s', 1500],
    ['-2m', -120_000],
    ['0', 0],
    ['300ms', 300],
    ['1us', 0.001],
    ['.5h', 30 * minute],
    ['', undefined],
    ['5', undefined],
    ['5 s', undefined],
    ['s', undefined],
    ['1d', undefined],
  ];
  for (const [text, ms] of read) assert.equal(parseGoDuration(text), ms, text);
  const written: [number, string][] = [
    [0, '0s'],
    [90 * minute, '1h30m0s'],
    [5 * minute, '5m0s'],
    [1500, '1.5s'],
    [20, '20ms'],
    [0.5, '500µs'],
    [-minute, '-1m0s'],
  ];
  for (const [ms, text] of written) assert.equal(formatGoDuration(ms), text);
});

test('every duration in whole milliseconds is read back as it was written', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e12, max: 1e12 }), (ms) => {
      assert.ok(Math.abs(parseGoDuration(formatGoDuration(ms))! - ms) < 1e-3);
    }),
  );
});

test('an age never has more than two units', () => {
  fc.assert(
    fc.property(fc.nat(1e12), (ms) => {
      assert.match(humanDuration(ms), /^\d+[smhdy](\d+[smhd])?$/);
    }),
  );
});
