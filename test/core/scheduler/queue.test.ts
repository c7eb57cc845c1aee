import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../src/core/async/random.ts';
import { SchedulingQueue } from '../../../src/core/scheduler/queue.ts';
import { requirementsOf } from '../../../src/core/scheduler/requirements.ts';
import { virtualClock } from '../../helpers/clock.ts';
import { pod } from '../../helpers/objects.ts';

const asked = (name: string, uid = name) => requirementsOf(pod(name, { metadata: { uid } }));

function setUp() {
  const clock = virtualClock();
  let readyCalls = 0;
  const queue = new SchedulingQueue({ clock, random: seededRandom(1), ready: () => readyCalls++ });
  const taken = () => {
    const names: string[] = [];
    for (let next = queue.next(); next; next = queue.next()) names.push(next.key);
    return names;
  };
  return { clock, queue, taken, readyCalls: () => readyCalls };
}

test('queue: pods come out in the order of arrival, each once', () => {
  const { queue, taken, readyCalls } = setUp();
  for (const name of ['a', 'b', 'a', 'c']) queue.set(asked(name));
  queue.remove('default/b');
  assert.equal(readyCalls(), 3);
  assert.deepEqual(taken(), ['default/a', 'default/c']);
});

test('queue: a parked pod stays parked through changes of it, a namesake does not inherit that', () => {
  const { queue, taken } = setUp();
  queue.park(asked('a'));
  queue.set(asked('a'));
  assert.deepEqual(taken(), []);
  queue.set(asked('a', 'new'));
  assert.deepEqual(taken(), ['default/a']);
  assert.deepEqual([...queue.parked()], []);
});

test('queue: back-off starts at a second, doubles to a minute and starts over once the pod is placed', async () => {
  const { clock, queue, taken } = setUp();
  const delays = Array.from({ length: 9 }, () => queue.backOff(asked('a')));
  delays.forEach((delay, i) => {
    const full = Math.min(1000 * 2 ** i, 60_000);
    assert.ok(delay > full * 0.79 && delay <= full, `${i}: ${delay}`);
  });
  assert.deepEqual(taken(), []);
  await clock.advance(60_000);
  assert.deepEqual(taken(), ['default/a']);
  queue.remove('default/a');
  assert.ok(queue.backOff(asked('a')) <= 1000);
});

test('queue: a pod that backs off waits though it changes, and comes back as it is then', async () => {
  const { clock, queue, taken } = setUp();
  queue.backOff(asked('a'));
  queue.set(requirementsOf(pod('a', { metadata: { uid: 'a', labels: { changed: 'yes' } } })));
  assert.deepEqual(taken(), []);
  await clock.advance(1000);
  assert.deepEqual(queue.next()?.labels, { changed: 'yes' });
});
