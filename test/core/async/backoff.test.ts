import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../../../src/core/async/backoff.ts';
import { seededRandom } from '../../../src/core/async/random.ts';
import { virtualClock } from '../../helpers/clock.ts';

const backoffOf = (options: { jitter?: number; forgetAfterMs?: number } = {}) => {
  const clock = virtualClock();
  return { clock, backoff: new Backoff({ clock, random: seededRandom(1), initialMs: 10, maxMs: 50, ...options }) };
};

test('delays double up to the cap, for each key on its own', () => {
  const { backoff } = backoffOf({ jitter: 0 });

  assert.deepEqual(
    Array.from({ length: 5 }, () => backoff.next('a')),
    [10, 20, 40, 50, 50],
  );
  assert.equal(backoff.next('b'), 10);
  assert.equal(backoff.failures('a'), 5);
});

test('a key that is forgotten starts over', () => {
  const { backoff } = backoffOf({ jitter: 0 });
  backoff.next('a');
  backoff.next('a');

  backoff.forget('a');

  assert.equal(backoff.failures('a'), 0);
  assert.equal(backoff.next('a'), 10);
});

test('a key that did not fail for long starts over', async () => {
  const { clock, backoff } = backoffOf({ jitter: 0, forgetAfterMs: 1_000 });
  backoff.next('a');
  await clock.advance(600);
  backoff.next('b');

  await clock.advance(600);

  assert.equal(backoff.failures('a'), 0);
  assert.equal(backoff.failures('b'), 1);
});

test('jitter takes a share off and adds nothing', () => {
  const { backoff } = backoffOf({ jitter: 0.5 });

  const delays = Array.from({ length: 200 }, () => backoff.next('a')).slice(3);

  assert.ok(delays.every((ms) => ms > 25 && ms <= 50));
  assert.ok(Math.max(...delays) - Math.min(...delays) > 15, 'and they differ');
});

test('the cap holds after any number of failures', () => {
  const { backoff } = backoffOf({ jitter: 0 });
  for (let i = 0; i < 2_000; i++) backoff.next('a');

  assert.equal(backoff.next('a'), 50);
});
