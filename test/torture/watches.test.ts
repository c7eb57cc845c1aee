/** Each promise of a watch broken once, and found by the check of that promise. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from './check.ts';
import type { Connection, History, Seen, Watch } from './history.ts';

const event = (type: 'ADDED' | 'MODIFIED' | 'DELETED', key: string, value: string, revision: number): Seen => ({
  type,
  key,
  value,
  revision,
});
const bookmark = (revision: number, initialEnd = false): Seen => ({ type: 'BOOKMARK', revision, initialEnd });
const connection = (after: number | undefined, seen: Seen[], end: Connection['end'] = 'timeout'): Connection => ({
  after,
  begun: 0,
  seen,
  end,
});

/** What happened: revisions 11 to 18, of which 15 wrote two objects. */
const happened = [
  event('ADDED', 'east/a', 'red-1', 11),
  event('ADDED', 'west/b', 'blue-1', 12),
  event('MODIFIED', 'east/a', 'blue-2', 13),
  event('MODIFIED', 'east/a', 'red-3', 14),
  event('MODIFIED', 'east/a', 'red-4', 15),
  event('MODIFIED', 'west/b', 'blue-4', 15),
  event('DELETED', 'east/a', 'red-4', 16),
  event('ADDED', 'east/a', 'red-5', 17),
  event('MODIFIED', 'west/b', 'blue-5', 18),
];
const all: Watch = { id: 1, selection: {}, list: [], connections: [connection(10, [...happened, bookmark(18)])] };

/** A second watch beside the one that tells the truth. */
function promisesBroken(watch: Partial<Watch>): string[] {
  const history: History = {
    operations: [],
    lists: [],
    watches: [all, { id: 2, selection: {}, connections: [], ...watch }],
    retentionMs: 4_000,
  };
  return [...new Set(check(history).map(({ promise }) => promise))].sort();
}
const told = (...connections: Connection[]) => promisesBroken({ list: [], connections });
const without = (...revisions: number[]) => happened.filter(({ revision }) => !revisions.includes(revision));

test('what is right is not complained of', () => {
  assert.deepEqual(told(connection(10, [...happened, bookmark(18)])), []);
  assert.deepEqual(
    told(connection(10, happened.slice(0, 3), 'cut'), connection(13, [...happened.slice(3), bookmark(20)])),
    [],
  );
  const objects = [event('ADDED', 'east/a', 'red-3', 14), event('ADDED', 'west/b', 'blue-1', 12), bookmark(14, true)];
  assert.deepEqual(promisesBroken({ connections: [connection(undefined, [...objects, ...happened.slice(4)])] }), []);
  assert.deepEqual(promisesBroken({ connections: [connection(15, happened.slice(6))] }), [], 'begun in the past');
});

test('a selector shows entering as ADDED and leaving as DELETED', () => {
  const selection = { color: 'red' };
  const seen = [
    happened[0]!,
    event('DELETED', 'east/a', 'red-1', 13),
    event('ADDED', 'east/a', 'red-3', 14),
    happened[4]!,
    ...happened.slice(6, 8),
    bookmark(18),
  ];
  assert.deepEqual(promisesBroken({ selection, list: [], connections: [connection(10, seen)] }), []);
  const leavingUntold = seen.filter(({ revision }) => revision !== 13);
  assert.ok(
    promisesBroken({ selection, list: [], connections: [connection(10, leavingUntold)] }).includes('watch: no gap'),
  );
});

test('ordered', () => {
  const [a, b, ...rest] = happened;
  assert.deepEqual(told(connection(10, [b!, a!, ...rest, bookmark(18)])), ['watch: ordered']);
  assert.ok(
    told(connection(13, [...happened.slice(2), bookmark(18)])).includes('watch: ordered'),
    'what it had already',
  );
});

test('unique', () => {
  const [a, ...rest] = happened;
  assert.ok(told(connection(10, [a!, a!, ...rest])).includes('watch: unique'));
  const resumed = [connection(10, happened.slice(0, 3)), connection(12, happened.slice(2))];
  assert.ok(told(...resumed).includes('watch: unique'), 'told again by the connection that resumes');
});

test('atomic', () => {
  const half = happened.filter((seen) => !(seen.revision === 15 && 'key' in seen && seen.key === 'west/b'));
  assert.deepEqual(told(connection(10, [...half, bookmark(18)])), ['watch: atomic']);
  const split = [connection(10, happened.slice(0, 5)), connection(15, happened.slice(6))];
  assert.deepEqual(told(...split), ['watch: atomic'], 'one half lost between two connections');
});

test('no gap', () => {
  assert.deepEqual(told(connection(10, without(18, 14))), ['watch: no gap']);
  const resumed = [connection(10, happened.slice(0, 2)), connection(12, without(11, 12, 13))];
  assert.deepEqual(told(...resumed), ['watch: no gap'], 'lost where it resumed');
});

test('bookmarks true', () => {
  assert.deepEqual(told(connection(10, [...without(18), bookmark(18)])), ['watch: bookmarks true']);
  const early = [...without(18), bookmark(18), happened.at(-1)!];
  assert.deepEqual(told(connection(10, early)), ['watch: bookmarks true']);
});

test('initial events are the state', () => {
  const objects = [event('ADDED', 'east/a', 'blue-2', 13), event('ADDED', 'west/b', 'blue-1', 12), bookmark(14, true)];
  const broken = promisesBroken({ connections: [connection(undefined, objects)] });
  assert.deepEqual(broken, ['watch: initial events are the state']);
  const incomplete = [event('ADDED', 'east/a', 'red-3', 14), bookmark(14, true)];
  assert.deepEqual(promisesBroken({ connections: [connection(undefined, incomplete)] }), broken);
});

test('create, update and delete told apart', () => {
  const recreated = happened.map((seen) => (seen.revision === 17 ? event('MODIFIED', 'east/a', 'red-5', 17) : seen));
  assert.deepEqual(told(connection(10, recreated)), ['watch: create, update and delete told apart']);
});

test('previous object', () => {
  const old = happened.map((seen) => (seen.revision === 16 ? event('DELETED', 'east/a', 'red-3', 16) : seen));
  assert.deepEqual(told(connection(10, old)), ['watch: previous object']);
});

test('filter respected', () => {
  const west = happened.filter((seen) => 'key' in seen && seen.key === 'west/b');
  const foreign = [west[0]!, happened[2]!, ...west.slice(1)];
  const broken = promisesBroken({ selection: { namespace: 'west' }, list: [], connections: [connection(10, foreign)] });
  assert.ok(broken.includes('watch: filter respected'));
  const stays = event('DELETED', 'west/b', 'blue-4', 18);
  const blue = [west[0]!, west[1]!, stays];
  const gone = promisesBroken({
    selection: { namespace: 'west', color: 'blue' },
    list: [],
    connections: [connection(10, blue)],
  });
  assert.ok(gone.includes('watch: filter respected'), 'DELETED, though it still belongs to the selection');
});

test('resumable', () => {
  const young = { ...connection(12, [], 'expired'), knownForMs: 1_000 };
  assert.deepEqual(told(connection(10, happened.slice(0, 2)), young), ['watch: resumable']);
  assert.deepEqual(told(connection(10, happened.slice(0, 2)), { ...young, knownForMs: 5_000 }), []);
});

test('one truth', () => {
  const other = happened.map((seen) => (seen.revision === 18 ? event('MODIFIED', 'west/b', 'blue-6', 18) : seen));
  assert.ok(told(connection(10, other)).includes('one truth'));
});
