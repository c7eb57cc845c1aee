import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Expectations } from '../../../src/core/reconcile/expectations.ts';
import { virtualClock } from '../../helpers/clock.ts';

test('nothing ordered, nothing to wait for', () => {
  assert.equal(new Expectations(virtualClock()).met('default/web'), true);
});

test('met when the cache has shown every creation and every deletion', () => {
  const expectations = new Expectations(virtualClock());
  expectations.creating('default/web');
  expectations.creating('default/web');
  expectations.deleting('default/web', 'uid-1');

  expectations.created('default/web');
  expectations.created('default/web');
  assert.equal(expectations.met('default/web'), false);
  expectations.deleted('default/web', 'uid-1');

  assert.equal(expectations.met('default/web'), true);
});

test('a deletion that shows twice counts once', () => {
  const expectations = new Expectations(virtualClock());
  expectations.deleting('default/web', 'uid-1');
  expectations.deleting('default/web', 'uid-2');

  expectations.deleted('default/web', 'uid-1');
  expectations.deleted('default/web', 'uid-1');

  assert.equal(expectations.met('default/web'), false);
});

test('what nobody ordered does not count for what is ordered later', () => {
  const expectations = new Expectations(virtualClock());
  expectations.created('default/web');
  expectations.deleted('default/web', 'uid-1');

  expectations.creating('default/web');

  assert.equal(expectations.met('default/web'), false);
});

test('keys do not wait for each other', () => {
  const expectations = new Expectations(virtualClock());

  expectations.creating('default/web');

  assert.equal(expectations.met('default/db'), true);
});

test('after three minutes it is no longer waited for', async () => {
  const clock = virtualClock();
  const expectations = new Expectations(clock);
  expectations.creating('default/web');

  await clock.advance(179_999);
  assert.equal(expectations.met('default/web'), false);
  await clock.advance(1);

  assert.equal(expectations.met('default/web'), true);
});
