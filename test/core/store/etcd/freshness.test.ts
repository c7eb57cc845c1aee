import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Freshness } from '../../../../src/core/store/etcd/freshness.ts';
import { StoreUnavailableError } from '../../../../src/core/store/index.ts';
import { settle, virtualClock } from '../../../helpers/clock.ts';

/** A cluster at revision 5, and a feed that has come as far. */
function freshnessOf() {
  const clock = virtualClock();
  const state = { cluster: 5, feed: 5, asked: 0, progressAsked: 0, marks: 0 };
  const answers: (() => void)[] = [];
  const fresh = new Freshness({
    clock,
    timeoutMs: 1_000,
    ask: () => {
      state.asked++;
      return new Promise((resolve) => answers.push(() => resolve(state.cluster)));
    },
    reached: () => state.feed,
    askProgress: () => void state.progressAsked++,
    writeMark: async () => void state.marks++,
  });
  const answer = async () => {
    for (const resolve of answers.splice(0)) resolve();
    await settle();
  };
  const moveTo = (revision: number) => {
    state.feed = revision;
    fresh.moved();
  };
  return { clock, state, fresh, answer, moveTo };
}

test('who comes while a question is on its way shares the next one', async () => {
  const { state, fresh, answer } = freshnessOf();
  const first = fresh.confirm();
  const later = Array.from({ length: 100 }, () => fresh.confirm());
  assert.equal(state.asked, 1);

  await answer();
  assert.equal(await first, 5);
  assert.equal(state.asked, 2);
  await answer();

  assert.deepEqual(new Set(await Promise.all(later)), new Set([5]));
  assert.equal(state.asked, 2);
});

test('an answer waits until the feed has come as far', async () => {
  const { state, fresh, answer, moveTo } = freshnessOf();
  state.cluster = 7;
  let confirmed: number | undefined;
  void fresh.confirm().then((revision) => {
    confirmed = revision;
  });

  await answer();
  moveTo(6);
  await settle();
  assert.equal(confirmed, undefined);
  moveTo(7);
  await settle();

  assert.equal(confirmed, 7);
  assert.equal(state.marks, 0);
});

test("a mark is written when the member has come so far by somebody else's keys, once for all who wait", async () => {
  const { state, fresh, moveTo } = freshnessOf();
  const waiting = [fresh.reach(7), fresh.reach(8)];

  assert.equal(state.progressAsked, 1);
  fresh.progressed(6);
  assert.deepEqual([state.progressAsked, state.marks], [2, 0]);
  fresh.progressed(8);
  fresh.progressed(8);
  assert.equal(state.marks, 1);
  moveTo(9);

  await Promise.all(waiting);
});

test('what is known to be told needs no mark', async () => {
  const { state, fresh, moveTo } = freshnessOf();
  const told = fresh.told(6);
  fresh.progressed(6);
  assert.equal(state.marks, 0);
  moveTo(6);
  await told;
});

test('a new connection is asked anew', async () => {
  const { state, fresh } = freshnessOf();
  fresh.reconnected();
  assert.equal(state.progressAsked, 0);
  void fresh.reach(6)?.catch(() => {});
  fresh.reconnected();
  assert.equal(state.progressAsked, 2);
  fresh.fail(new Error('end'));
});

test('nobody waits longer than agreed, wherever the delay is', async () => {
  const { clock, state, fresh } = freshnessOf();
  const unanswered = assert.rejects(fresh.confirm(), StoreUnavailableError);
  state.cluster = 6;
  const untold = assert.rejects(fresh.told(6)!, StoreUnavailableError);
  await clock.advance(1_000);
  await Promise.all([unanswered, untold]);
});
