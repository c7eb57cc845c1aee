import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conflict, internalError, notFound } from '../../../src/core/api/status.ts';
import { sleep } from '../../../src/core/async/clock.ts';
import { textLog } from '../../../src/core/async/log.ts';
import { seededRandom } from '../../../src/core/async/random.ts';
import type { Controller, Plan, Step } from '../../../src/core/reconcile/controller.ts';
import { startController } from '../../../src/core/reconcile/runner.ts';
import { virtualClock } from '../../helpers/clock.ts';

const pods = { plural: 'pods', group: '' };

/** A controller that wants each key's number to become 0, one step at a time. */
function countdown(numbers: Record<string, number>, options: Partial<Controller<Step>> = {}) {
  const clock = virtualClock();
  const lines: string[] = [];
  const log = textLog((line) => lines.push(line.slice(19).trimEnd()), clock.now);
  let enqueue: (key: string, afterMs?: number) => void = () => {};
  let watching = false;
  const controller: Controller<Step> = {
    name: 'countdown',
    synced: async () => {},
    watch(add) {
      enqueue = add;
      watching = true;
      for (const key of Object.keys(numbers)) add(key);
      return () => {
        watching = false;
      };
    },
    plan: (key): Plan<Step> => {
      const n = numbers[key] ?? 0;
      return { steps: Array.from({ length: n }, (_, i) => ({ type: 'lower', reason: `${n - i} is more than 0` })) };
    },
    execute: {
      lower: async (_step, key) => {
        numbers[key]!--;
      },
    },
    keys: () => Object.keys(numbers),
    ...options,
  };
  return {
    clock,
    lines,
    enqueue: (key: string, afterMs?: number) => enqueue(key, afterMs),
    watching: () => watching,
    running: startController(controller, { clock, random: seededRandom(1), log }),
  };
}

test('executes the plan of each key step by step and logs why', async () => {
  const numbers = { a: 2, b: 1 };
  const { clock, lines, running } = countdown(numbers);

  await clock.advance(0);

  assert.deepEqual(numbers, { a: 0, b: 0 });
  assert.deepEqual(lines, [
    'countdown] a: lower: 2 is more than 0',
    'countdown] a: lower: 1 is more than 0',
    'countdown] b: lower: 1 is more than 0',
  ]);
  await running.stop();
});

test('plans nothing before the caches are filled', async () => {
  const numbers = { a: 1 };
  let fill = () => {};
  const synced = new Promise<void>((resolve) => {
    fill = resolve;
  });
  const { clock, running, watching } = countdown(numbers, { synced: () => synced });
  await clock.advance(1_000);
  assert.deepEqual([numbers.a, watching()], [1, false]);

  fill();
  await clock.advance(0);

  assert.deepEqual([numbers.a, watching()], [0, true]);
  await running.stop();
});

test('a failing step ends the plan; the key is tried again with growing delays', async () => {
  const tries: number[] = [];
  const { clock, lines, running } = countdown(
    { a: 1 },
    {
      plan: () => ({ steps: ['first', 'second'].map((reason) => ({ type: 'lower', reason })) }),
      execute: {
        lower: async () => {
          tries.push(clock.monotonic());
          throw internalError('disk on fire');
        },
      },
    },
  );

  await clock.advance(100);
  await running.stop();

  assert.equal(tries.length, 4, 'at 0, ~10, ~30 and ~70 ms');
  const gaps = tries.slice(1).map((at, i) => at - tries[i]!);
  assert.ok(gaps[0]! <= gaps[1]! && gaps[1]! <= gaps[2]!, `${gaps}`);
  assert.ok(lines.every((line) => !line.includes('second')));
  assert.match(lines[1]!, /a: Internal error occurred: disk on fire; again in \d+ ms$/);
});

test('being late is no error: NotFound and Conflict are tried again without a word', async () => {
  const answers = [notFound(pods, 'a'), conflict(pods, 'a', 'somebody was faster')];
  const numbers = { a: 1 };
  const { clock, lines, running } = countdown(numbers, {
    execute: {
      lower: async () => {
        const answer = answers.shift();
        if (answer) throw answer;
        numbers.a = 0;
      },
    },
  });

  await clock.advance(1_000);
  await running.stop();

  assert.equal(numbers.a, 0);
  assert.ok(lines.every((line) => line.endsWith('lower: 1 is more than 0')));
});

test('what waits in the queue is told, what waits for its next try included', async () => {
  const execute = { lower: () => Promise.reject(new Error('broken')) };
  const { clock, enqueue, running } = countdown({ a: 1 }, { execute });
  await clock.advance(0);
  assert.deepEqual(running.queueDepths(), { countdown: 1 });
  enqueue('later', 60_000);
  assert.deepEqual(running.queueDepths(), { countdown: 2 });
  await running.stop();
  assert.deepEqual(running.queueDepths(), { countdown: 0 });
});

test('a plan that throws is reported with its stack and tried again', async () => {
  const bugs = [new TypeError('undefined is not a pod')];
  const numbers = { a: 1 };
  const { clock, lines, running } = countdown(numbers, {
    plan: () => {
      const bug = bugs.pop();
      if (bug) throw bug;
      numbers.a = 0;
      return { steps: [] };
    },
  });

  await clock.advance(1_000);
  await running.stop();

  assert.equal(numbers.a, 0);
  assert.match(lines[0]!, /a: TypeError: undefined is not a pod\n.*runner\.test/);
});

test('parallel steps run together, and the key waits for all of them even when one fails', async () => {
  const events: string[] = [];
  const steps = ['slow', 'bad'].map((reason) => ({ type: 'lower', reason }));
  const { clock, running } = countdown(
    { a: 1 },
    {
      parallel: true,
      plan: () => ({ steps: events.length === 0 ? steps : [] }),
      execute: {
        lower: async ({ reason }) => {
          events.push(`${reason} began`);
          await sleep(clock, reason === 'slow' ? 100 : 1);
          events.push(`${reason} ended at ${clock.monotonic()}`);
          if (reason === 'bad') throw internalError('no');
        },
      },
    },
  );

  await clock.advance(500);
  await running.stop();

  assert.deepEqual(events, ['slow began', 'bad began', 'bad ended at 1', 'slow ended at 100']);
});

test('looks again when the plan asks for it and when the watch does', async () => {
  const at: number[] = [];
  const { clock, enqueue, running } = countdown(
    { a: 0 },
    {
      plan: () => {
        at.push(clock.monotonic());
        return at.length === 1 ? { steps: [], againAfterMs: 40 } : { steps: [] };
      },
    },
  );
  await clock.advance(100);

  enqueue('a', 20);
  await clock.advance(1_000);
  await running.stop();

  assert.deepEqual(at, [0, 40, 120]);
});

test('all known keys are looked at again at each resync, so a lost event costs time only', async () => {
  const numbers: Record<string, number> = { a: 0 };
  const { clock, running } = countdown(numbers, { resyncEveryMs: 30_000 });
  await clock.advance(10_000);

  numbers['a'] = 3;
  numbers['forgotten'] = 1;
  await clock.advance(19_999);
  assert.equal(numbers['a'], 3);
  await clock.advance(1);

  assert.deepEqual(numbers, { a: 0, forgotten: 0 });
  await running.stop();
});

test('keys are worked on by as many workers as declared', async () => {
  let running = 0;
  let most = 0;
  const { clock, running: loop } = countdown(
    { a: 1, b: 1, c: 1, d: 1 },
    {
      workers: 2,
      plan: () => ({ steps: [{ type: 'lower', reason: 'test' }] }),
      execute: {
        lower: async () => {
          most = Math.max(most, ++running);
          await sleep(clock, 10);
          running--;
        },
      },
    },
  );

  await clock.advance(100);
  await loop.stop();

  assert.equal(most, 2);
});

test('stop waits for the step in flight and begins no other', async () => {
  const events: string[] = [];
  const { clock, running, watching } = countdown(
    { a: 3, b: 1 },
    {
      resyncEveryMs: 1_000,
      execute: {
        lower: async (_step, key) => {
          events.push(`${key} began`);
          await sleep(clock, 100);
          events.push(`${key} ended`);
        },
      },
    },
  );
  await clock.advance(50);

  const stopped = Promise.all([running.stop(), running.stop()]).then(() => events.push('stopped'));
  await clock.advance(5_000);
  await stopped;

  assert.deepEqual(events, ['a began', 'a ended', 'stopped']);
  assert.equal(watching(), false);
  assert.equal(clock.pending, 0);
});

test('stopped before the caches are filled, it never watches', async () => {
  let fail = (_: Error) => {};
  const synced = new Promise((_, reject) => {
    fail = reject;
  });
  const { clock, lines, running, watching } = countdown({ a: 1 }, { synced: () => synced });

  await running.stop();
  fail(new Error('the informers are stopped'));
  await clock.advance(1_000);

  assert.equal(watching(), false);
  assert.deepEqual(lines, []);
});
