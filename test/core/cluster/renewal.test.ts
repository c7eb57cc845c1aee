import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../../src/core/async/log.ts';
import { runWithRenewals } from '../../../src/core/cluster/renewal.ts';
import { virtualClock } from '../../helpers/clock.ts';

const dayMs = 24 * 3600 * 1000;
const yearMs = 365 * dayMs;

/** Identities are the times at which they end. */
function start(renew: (now: number) => number | Error) {
  const clock = virtualClock();
  const ending = new AbortController();
  const begun: { identity: number; at: number }[] = [];
  const done = runWithRenewals<number>({
    first: clock.now() + yearMs,
    validUntil: (identity) => identity,
    async renew() {
      const answer = renew(clock.now());
      if (answer instanceof Error) throw answer;
      return answer;
    },
    run(identity, signal) {
      begun.push({ identity, at: clock.now() });
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    },
    clock,
    log: silentLog,
    signal: ending.signal,
  });
  return { clock, begun, ending, done };
}

async function days(clock: ReturnType<typeof virtualClock>, count: number): Promise<void> {
  for (let day = 0; day < count; day++) await clock.advance(dayMs);
}

test('what runs is begun anew with fresh certificates, months before the old ones end, and again a year later', async () => {
  const { clock, begun, ending, done } = start((now) => now + yearMs);
  const started = clock.now();
  await days(clock, 240);
  assert.equal(begun.length, 1);
  await days(clock, 10);
  assert.equal(begun.length, 2);
  assert.ok(begun[1]!.at - started < yearMs - 100 * dayMs);
  await days(clock, 250);
  assert.equal(begun.length, 3);
  ending.abort();
  await done;
});

test('while nobody renews, what runs goes on, and it is tried again every day', async () => {
  let tries = 0;
  const { clock, begun, ending, done } = start((now) => {
    tries++;
    if (tries === 1) return new Error('nobody answers');
    return tries < 4 ? now : now + yearMs;
  });
  await days(clock, 247);
  assert.deepEqual([tries, begun.length], [3, 1]);
  await days(clock, 1);
  assert.deepEqual([tries, begun.length], [4, 2]);
  ending.abort();
  await done;
});

test('what ends by itself is not begun again', async () => {
  const clock = virtualClock();
  let runs = 0;
  await runWithRenewals({
    first: 0,
    validUntil: () => clock.now() + yearMs,
    renew: async () => 0,
    run: async () => void runs++,
    clock,
    log: silentLog,
    signal: new AbortController().signal,
  });
  assert.equal(runs, 1);
});
