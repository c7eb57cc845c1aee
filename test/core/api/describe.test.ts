import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Description, describeTime } from '../../../src/core/api/describe.ts';
import { describeEvents } from '../../../src/core/api/describe-events.ts';
import { Event } from '../../../src/core/api/kinds/index.ts';
import { stored } from '../../helpers/stored.ts';

const now = Date.parse('2026-11-25T10:00:00Z');

test('columns are as wide as their widest cell in lines that follow each other', () => {
  const text = new Description();
  text
    .line(0, 'Name:', 'web')
    .line(0, 'A long key:', 'x')
    .line(0, 'Alone')
    .line(0, 'k:', 'v', 'w')
    .line(0, 'key:', 'value', 'w');
  assert.equal(text.toString(), 'Name:        web\nA long key:  x\nAlone\nk:    v      w\nkey:  value  w\n');
});

test('what a user wrote can neither break a line nor drive the terminal', () => {
  const text = new Description().line(0, 'Message:', 'one\n  two\tthree\u001b[31m');
  assert.equal(text.toString(), 'Message:  one two three?[31m\n');
});

test('labels and annotations go below each other, sorted', () => {
  const text = new Description().labels(0, { b: '2', a: '1' }).annotations(0, undefined);
  assert.equal(text.toString(), 'Labels:       a=1\n              b=2\nAnnotations:  <none>\n');
});

test('times are printed in UTC, unknown ones as such', () => {
  assert.equal(describeTime('2026-11-25T10:00:00Z'), 'Wed, 25 Nov 2026 10:00:00 +0000');
  assert.equal(describeTime(null), '<unknown>');
});

test('events are listed oldest first, repeated ones with their count', () => {
  const event = (reason: string, last: string, count = 1) =>
    stored(Event, { ...Event.example, reason, firstTimestamp: '2026-11-25T09:50:00Z', lastTimestamp: last, count });
  const events = [event('BackOff', '2026-11-25T09:59:30Z', 4), event('Scheduled', '2026-11-25T09:50:00Z')];
  assert.equal(
    describeEvents(events, now),
    `Events:
  Type    Reason     Age                From               Message
  ----    ------     ----               ----               -------
  Normal  Scheduled  10m                default-scheduler  Successfully assigned default/web to core-01
  Normal  BackOff    30s (x4 over 10m)  default-scheduler  Successfully assigned default/web to core-01
`,
  );
  assert.equal(describeEvents([], now), 'Events:  <none>\n');
});
