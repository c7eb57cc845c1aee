import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Backoff } from '../../../src/core/async/backoff.ts';
import { sleep } from '../../../src/core/async/clock.ts';
import { WorkQueue, type WorkQueueOptions } from '../../../src/core/async/queue.ts';
import { seededRandom } from '../../../src/core/async/random.ts';
import { virtualClock } from '../../helpers/clock.ts';

function queueOf(work: (key: string) => Promise<void>, options: Partial<WorkQueueOptions> = {}) {
  const clock = virtualClock();
  const backoff = new Backoff({ clock, random: seededRandom(1), initialMs: 100, maxMs: 1_000, jitter: 0 });
  const failures: string[] = [];
  const queue = new WorkQueue({
    clock,
    backoff,
    work,
    failed: (key, error, ms) => failures.push(`${key}: ${(error as Error).message}, again in ${ms}`),
    ...options,
  });
  return { clock, queue, failures };
}

test('a key added many times before it is worked on is worked on once, in order of the first add', async () => {
  const done: string[] = [];
  const { queue } = queueOf(async (key) => void done.push(key));

  for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key);
  assert.deepEqual(done, [], 'work never starts inside add');
  await queue.drained();

  assert.deepEqual(done, ['a', 'b', 'c']);
});

test('a key added while it is worked on is worked on again afterwards, never twice at once', async () => {
  let running = 0;
  let runs = 0;
  const { clock, queue } = queueOf(
    async () => {
      assert.equal(++running, 1);
      runs++;
      await sleep(clock, 50);
      running--;
    },
    { workers: 4 },
  );
  queue.add('a');
  await clock.advance(10);

  queue.add('a');
  queue.add('a');
  await clock.advance(200);

  assert.equal(runs, 2);
});

test('as many keys as there are workers run at the same time', async () => {
  let running = 0;
  let most = 0;
  const { clock, queue } = queueOf(
    async () => {
      most = Math.max(most, ++running);
      await sleep(clock, 10);
      running--;
    },
    { workers: 3 },
  );

  for (let i = 0; i < 10; i++) queue.add(`key-${i}`);
  await clock.advance(100);

  assert.equal(most, 3);
  assert.equal(queue.size, 0);
});

test('a delayed key waits; of two delays the earlier counts', async () => {
  const done: string[] = [];
  const { clock, queue } = queueOf(async (key) => void done.push(`${key}@${clock.monotonic()}`));

  queue.add('a', 500);
  queue.add('a', 300);
  queue.add('a', 400);
  await clock.advance(299);
  assert.deepEqual(done, []);
  await clock.advance(1_000);

  assert.deepEqual(done, ['a@300']);
});

test('a key added now does not lose its later appointment', async () => {
  const done: number[] = [];
  const { clock, queue } = queueOf(async () => void done.push(clock.monotonic()));

  queue.add('a');
  queue.add('a', 300);
  await clock.advance(1_000);

  assert.deepEqual(done, [0, 300]);
});

test('work that throws is tried again with growing delays, until it works', async () => {
  const at: number[] = [];
  const { clock, queue, failures } = queueOf(async () => {
    at.push(clock.monotonic());
    if (at.length < 4) throw new Error('not yet');
  });

  queue.add('a');
  await clock.advance(10_000);

  assert.deepEqual(at, [0, 100, 300, 700]);
  assert.deepEqual(failures, ['a: not yet, again in 100', 'a: not yet, again in 200', 'a: not yet, again in 400']);
});

test('a full queue takes no new key and says so', async () => {
  const { queue } = queueOf(async () => {}, { capacity: 2 });

  assert.equal(queue.add('a'), true);
  assert.equal(queue.add('b', 1_000), true);
  assert.equal(queue.add('c'), false);
  assert.equal(queue.add('a'), true, 'one that waits already is no new key');
  await queue.stop();
});

test('stop waits for what is in flight and drops the rest', async () => {
  const events: string[] = [];
  const { clock, queue } = queueOf(async (key) => {
    events.push(`${key} began`);
    await sleep(clock, 100);
    events.push(`${key} ended`);
  });
  queue.add('a');
  queue.add('b');
  queue.add('c', 50);
  await clock.advance(10);

  const stopped = queue.stop().then(() => events.push('stopped'));
  assert.equal(queue.add('d'), false);
  await clock.advance(1_000);
  await stopped;

  assert.deepEqual(events, ['a began', 'a ended', 'stopped']);
  assert.equal(clock.pending, 0);
});

test('drained does not wait for keys with a delay', async () => {
  const { queue } = queueOf(async () => {});
  queue.add('a');
  queue.add('later', 60_000);

  await queue.drained();

  assert.equal(queue.size, 1);
  await queue.stop();
});

test('much cheap work leaves room for the rest of the process', async () => {
  const { queue } = queueOf(async () => {});
  for (let i = 0; i < 1_000; i++) queue.add(`key-${i}`);

  let turns = 0;
  const count = () => {
    turns++;
    if (queue.size > 0) setImmediate(count);
  };
  setImmediate(count);
  await queue.drained();

  assert.ok(turns >= 10, `only ${turns} turns of the event loop`);
});

test('whatever happens, each key is worked on after its last add and never by two workers', async () => {
  const action = fc.record({
    key: fc.constantFrom('a', 'b', 'c'),
    afterMs: fc.constantFrom(0, 0, 5, 30),
    takesMs: fc.constantFrom(0, 3, 20),
    fails: fc.boolean(),
    pauseMs: fc.constantFrom(0, 0, 1, 10),
  });
  const scenario = fc.record({ workers: fc.integer({ min: 1, max: 3 }), actions: fc.array(action, { maxLength: 25 }) });

  await fc.assert(
    fc.asyncProperty(scenario, async ({ workers, actions }) => {
      const running = new Set<string>();
      const lastStart = new Map<string, number>();
      const plans = new Map<string, { takesMs: number; fails: boolean }[]>();
      const { clock, queue } = queueOf(
        async (key) => {
          assert.ok(!running.has(key), `${key} is worked on twice at once`);
          assert.ok(running.size < workers);
          running.add(key);
          lastStart.set(key, clock.monotonic());
          const { takesMs, fails } = plans.get(key)?.shift() ?? { takesMs: 0, fails: false };
          await sleep(clock, takesMs);
          running.delete(key);
          if (fails) throw new Error('planned');
        },
        { workers },
      );

      const lastAdd = new Map<string, number>();
      for (const { key, afterMs, takesMs, fails, pauseMs } of actions) {
        plans.set(key, [...(plans.get(key) ?? []), { takesMs, fails }]);
        lastAdd.set(key, clock.monotonic());
        queue.add(key, afterMs);
        await clock.advance(pauseMs);
      }
      await clock.advance(60_000);

      for (const [key, at] of lastAdd) {
        const start = lastStart.get(key);
        assert.ok(start !== undefined && start >= at, `${key} was added at ${at}, last begun at ${start}`);
      }
      assert.equal(queue.size, 0);
      assert.equal(clock.pending, 0);
    }),
    { numRuns: 60 },
  );
});
