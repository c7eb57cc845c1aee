import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReporter, formatBytes } from '../../../src/core/cli/progress.ts';
import { virtualClock } from '../../helpers/clock.ts';

function reporter(isTTY: boolean) {
  let text = '';
  const clock = virtualClock();
  const stdout = { isTTY, columns: 100, write: (part: string | Uint8Array) => (text += part) };
  return { report: createReporter({ stdout, clock }), clock, written: () => text };
}

test('a step is a line with its machine', () => {
  const { report, written } = reporter(false);
  report({ machine: 'core-01', message: 'ready' });
  report({ message: 'up' });
  assert.equal(written(), '==> core-01: ready\n==> up\n');
});

test('without a terminal a transfer is one line, at its end', () => {
  const { report, written } = reporter(false);
  for (const done of [0, 50, 100]) report({ machine: 'core-01', message: 'pulling busybox', done, total: 100 });
  assert.equal(written(), '==> core-01: pulling busybox\n');
});

test('on a terminal a bar shows how much, how fast and how long still', async () => {
  const { report, clock, written } = reporter(true);
  const step = { machine: 'core-01', message: 'pulling busybox', total: 4_000_000 };
  report({ ...step, done: 0 });
  await clock.advance(1000);
  report({ ...step, done: 2_000_000 });
  const half = `[${'='.repeat(15)}${' '.repeat(15)}] 50 % 2.0 MB/s, 1 s left`;
  assert.ok(written().endsWith(`\r\x1b[K==> core-01: pulling busybox ${half}`), written());
  report({ ...step, done: 4_000_000 });
  assert.ok(written().endsWith('\r\x1b[K==> core-01: pulling busybox\n'), written());
});

test('a bar is not drawn more often than the eye can see', () => {
  const { report, written } = reporter(true);
  for (let done = 0; done < 50; done++) report({ message: 'x', done, total: 100 });
  assert.equal(written().split('\r').length - 1, 1);
});

test('bytes are rounded to what one reads', () => {
  assert.deepEqual([0, 999, 1000, 12_345, 1_500_000].map(formatBytes), ['0 B', '999 B', '1.0 kB', '12 kB', '1.5 MB']);
});
