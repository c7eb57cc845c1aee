import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenBucket } from '../../../src/core/async/token-bucket.ts';

test('token bucket: a burst is there at once, then the rate counts, and no more than a burst is saved up', () => {
  const bucket = new TokenBucket({ perSecond: 0.1, burst: 2, now: 0 });
  const take = (now: number) => {
    const delay = bucket.delayMs(now);
    if (delay === 0) bucket.take(now);
    return delay;
  };
  assert.deepEqual(
    [take(0), take(0), take(0), take(4_000), take(10_000), take(10_000)],
    [0, 0, 10_000, 6_000, 0, 10_000],
  );
  assert.deepEqual([take(1_000_000), take(1_000_000), take(1_000_000)], [0, 0, 10_000]);
});
