/** The check of one key: small histories by hand, and random ones against trying every order there is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Operation } from './history.ts';
import { absent, checkKey } from './linearizable.ts';
import { smallest } from './smallest.ts';

const key = 'east/a';
type Parts = Partial<Operation> & Pick<Operation, 'call' | 'begun'>;
const op = (parts: Parts): Operation => ({ client: 0, key, outcome: 'ok', ...parts });
const write = (begun: number, ended: number, value: string, revision: number, call: 'create' | 'put' = 'put') =>
  op({ call, begun, ended, value, found: { value, revision } });
const read = (begun: number, ended: number, value: string, revision: number) =>
  op({ call: 'get', begun, ended, found: { value, revision } });
const gone = (begun: number, ended: number) => op({ call: 'get', begun, ended, outcome: 'absent' });
const created = write(0, 1, 'v1', 1, 'create');

const revisionsOf = (history: readonly Operation[]) =>
  new Map(history.flatMap(({ found }) => (found ? [[found.value, found.revision] as const] : [])));
const failureOf = (...history: Operation[]) => checkKey(history, revisionsOf(history));

const right: Record<string, Operation[]> = {
  'one after another': [created, read(2, 3, 'v1', 1), write(4, 5, 'v2', 2), read(6, 7, 'v2', 2)],
  'a read beside a write sees the old value': [created, write(2, 6, 'v2', 2), read(3, 4, 'v1', 1)],
  'a read beside a write sees the new value': [created, write(2, 6, 'v2', 2), read(3, 4, 'v2', 2)],
  'two writes at once, in either order': [created, write(2, 6, 'v2', 3), write(2, 6, 'v3', 2), read(7, 8, 'v2', 3)],
  'an unanswered write that happened late': [
    created,
    op({ call: 'put', begun: 2, outcome: 'unknown', value: 'v2' }),
    read(3, 4, 'v1', 1),
    read(8, 9, 'v2', 2),
  ],
  'an unanswered delete explains what is gone': [
    created,
    op({ call: 'delete', begun: 2, outcome: 'unknown' }),
    gone(4, 5),
  ],
  'an unanswered write that nobody saw explains a conflict': [
    created,
    op({ call: 'put', begun: 2, outcome: 'unknown', value: 'v2' }),
    op({ call: 'swap', begun: 3, ended: 4, value: 'v3', expected: 1, outcome: 'conflict' }),
  ],
};
for (const [what, history] of Object.entries(right)) {
  test(`right: ${what}`, () => assert.equal(failureOf(...history), undefined));
}

const wrong: Record<string, Operation[]> = {
  'a lost write: answered, and then the old value again': [created, write(2, 3, 'v2', 2), read(4, 5, 'v1', 1)],
  'a lost create': [created, gone(2, 3)],
  'a stale read, after another read saw the new value': [
    created,
    write(2, 9, 'v2', 2),
    read(3, 4, 'v2', 2),
    read(5, 6, 'v1', 1),
  ],
  'what was deleted is back': [created, op({ call: 'delete', begun: 2, ended: 3 }), read(4, 5, 'v1', 1)],
  'two swaps of one revision': [
    created,
    op({ call: 'swap', begun: 2, ended: 3, value: 'v2', expected: 1, found: { value: 'v2', revision: 2 } }),
    op({ call: 'swap', begun: 4, ended: 5, value: 'v3', expected: 1, found: { value: 'v3', revision: 3 } }),
  ],
  'a conflict where nothing had changed': [
    created,
    op({ call: 'swap', begun: 2, ended: 3, value: 'v2', expected: 1, outcome: 'conflict' }),
  ],
  'created though it was there': [created, write(2, 3, 'v2', 2, 'create')],
  'an unanswered write seen before it began': [
    created,
    read(2, 3, 'v2', 2),
    op({ call: 'put', begun: 4, outcome: 'unknown', value: 'v2' }),
  ],
  'an unanswered write that was seen and is lost': [
    created,
    op({ call: 'put', begun: 2, outcome: 'unknown', value: 'v2' }),
    read(3, 4, 'v2', 2),
    read(5, 6, 'v1', 1),
  ],
};
for (const [what, history] of Object.entries(wrong)) {
  test(`wrong: ${what}`, () =>
    assert.equal(
      failureOf(...history)?.operation,
      history.findLast(({ ended }) => ended),
    ));
}

test('of a long history only what shows the fault is left', () => {
  const history: Operation[] = [created];
  for (let i = 1; i <= 2_000; i++) {
    history.push(write(i * 10, i * 10 + 4, `w${i}`, i + 1), read(i * 10 + 5, i * 10 + 6, `w${i}`, i + 1));
  }
  history.push(write(20_011, 20_015, 'new', 2_002), read(20_017, 20_018, 'new', 2_002));
  const stale = read(20_020, 20_021, 'w2000', 2_001);
  history.push(stale, read(20_030, 20_031, 'new', 2_002));

  const revisions = revisionsOf(history);
  const found = smallest(history, revisions, checkKey(history, revisions)!);

  assert.equal(found.begin, 'w2000');
  assert.deepEqual(
    found.operations.map(({ call, found }) => `${call} ${found?.value}`),
    ['put new', 'get w2000'],
  );
  assert.deepEqual(found.possible, ['new']);
});

test('forty crashes with writes on their way do not make the search long', { timeout: 5_000 }, () => {
  const history: Operation[] = [created];
  for (let i = 1; i <= 40; i++) {
    const at = i * 100;
    for (const call of ['put', 'swap', 'delete', 'create'] as const) {
      history.push(
        op({
          call,
          begun: at,
          outcome: 'unknown',
          value: `lost-${i}-${call}`,
          ...(call === 'swap' && { expected: i }),
        }),
      );
    }
    history.push(read(at + 10, at + 11, `v${i}`, i), write(at + 20, at + 30, `v${i + 1}`, i + 1));
    history.push(read(at + 40, at + 41, `v${i + 1}`, i + 1));
  }
  assert.equal(failureOf(...history), undefined);
  history.push(read(9_000, 9_001, 'v40', 40));
  assert.ok(failureOf(...history));
});

/** The meaning of linearizable, word for word: some order of some of the unanswered and all of the answered operations. */
function someOrderFits(history: readonly Operation[]): boolean {
  const revisions = revisionsOf(history);
  const fits = (value: string, revision: number, left: readonly Operation[]): boolean => {
    if (left.every(({ ended }) => ended === undefined)) return true;
    const firstEnd = Math.min(...left.map(({ ended = Number.POSITIVE_INFINITY }) => ended));
    return left.some((next, i) => {
      if (next.begun > firstEnd) return false;
      const after = applied(next, value, revision, revisions);
      return after !== undefined && fits(after.value, after.revision, left.toSpliced(i, 1));
    });
  };
  return fits(absent, 0, history);
}

function applied(
  { call, outcome, value = '', found, expected }: Operation,
  now: string,
  revision: number,
  revisions: Map<string, number>,
) {
  const there = now !== absent;
  const same = { value: now, revision };
  if (outcome === 'absent') return there ? undefined : same;
  if (outcome === 'exists') return there ? same : undefined;
  if (outcome === 'conflict') return there && revisions.get(now) !== expected ? same : undefined;
  if (call === 'get') return found!.value === now ? same : undefined;
  if (call === 'create' ? there : !there) return undefined;
  if (expected !== undefined && revisions.get(now) !== expected) return undefined;
  if (call === 'delete') return { value: absent, revision };
  const written = revisions.get(value);
  if (written !== undefined && written <= revision) return undefined;
  return { value, revision: written ?? revision };
}

/** Up to seven operations of three clients, their answers half right and half made up. */
const anyHistory = fc
  .array(
    fc.record({
      call: fc.constantFrom('get', 'create', 'put', 'swap', 'delete'),
      begun: fc.nat(20),
      takes: fc.nat(6),
      outcome: fc.constantFrom('ok', 'ok', 'ok', 'absent', 'refusal', 'unknown'),
      seen: fc.nat(6),
      expected: fc.integer({ min: 1, max: 7 }),
    }),
    { minLength: 1, maxLength: 7 },
  )
  .map((rows) => {
    const writers = rows.flatMap((row, i) => (row.call === 'get' || row.call === 'delete' ? [] : [i]));
    return rows.flatMap(({ call, begun, takes, outcome, seen, expected }, i): Operation[] => {
      const kind =
        outcome === 'refusal' ? (call === 'create' ? 'exists' : call === 'swap' ? 'conflict' : 'absent') : outcome;
      const source = call === 'get' ? writers[seen % (writers.length || 1)] : i;
      if (source === undefined || (kind === 'unknown' && call === 'get')) return [];
      const version = { value: `v${source}`, revision: source + 1 };
      return [
        op({
          call,
          begun: begun * 2,
          ...(kind !== 'unknown' && { ended: begun * 2 + 1 + takes * 2 }),
          outcome: call === 'create' && kind === 'absent' ? 'exists' : kind,
          ...(call !== 'get' && call !== 'delete' && { value: `v${i}` }),
          ...(call === 'swap' && { expected }),
          ...(kind === 'ok' && call !== 'delete' && { found: version }),
        } as Parts),
      ];
    });
  });

test('the search agrees with trying every order', () => {
  let wrongOnes = 0;
  fc.assert(
    fc.property(anyHistory, (history) => {
      const fits = someOrderFits(history);
      if (!fits) wrongOnes++;
      assert.equal(failureOf(...history) === undefined, fits);
    }),
    { numRuns: 5_000 },
  );
  assert.ok(wrongOnes > 500 && wrongOnes < 4_900, `${wrongOnes} of 5000 were wrong: the comparison means little`);
});
