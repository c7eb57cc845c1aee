/** The store against a model that keeps every state it ever had: any interleaving of calls must look the same. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { silentLog } from '../../../src/core/async/log.ts';
import {
  CompactedError,
  type KeyValue,
  type Op,
  openEmbeddedStore,
  type Store,
  type StoreEvent,
  type Txn,
} from '../../../src/core/store/index.ts';
import { virtualClock } from '../../helpers/clock.ts';
import { waitFor } from '../../helpers/wait.ts';
import { storeDir } from './dirs.ts';

/** states[r - 1] is what revision r left, in order of keys. */
class Model {
  states: KeyValue[][] = [[]];

  get revision(): number {
    return this.states.length;
  }

  at(revision: number, prefix: string): KeyValue[] {
    return this.states[revision - 1]!.filter((kv) => kv.key.startsWith(prefix));
  }

  /** All values in the model are told apart by their text, so events can be named by it. */
  txn({ compare = [], then, else: otherwise = [] }: Txn): boolean {
    const before = this.states.at(-1)!;
    const revision = this.revision + 1;
    const find = (key: string) => before.find((kv) => kv.key === key);
    const holds = compare.every(({ key, value }) => (find(key)?.modRevision ?? 0) === value);
    let after = before;
    for (const op of holds ? then : otherwise) {
      if (op.type === 'deletePrefix') after = after.filter((kv) => !kv.key.startsWith(op.prefix));
      if (op.type === 'put' || op.type === 'delete') after = after.filter((kv) => kv.key !== op.key);
      if (op.type !== 'put') continue;
      const { createRevision = revision, version = 0 } = find(op.key) ?? {};
      after.push({ key: op.key, value: op.value, createRevision, modRevision: revision, version: version + 1 });
    }
    const changed = after.length !== before.length || after.some((kv) => kv.modRevision === revision);
    if (changed) this.states.push(after.sort((a, b) => (a.key < b.key ? -1 : 1)));
    return holds;
  }

  /** What a watch is told from `revision` on: the differences of the states, as `7 +/a=x` and `8 -/a`. */
  events(revision: number, prefix: string): string[] {
    return this.states.slice(revision - 1).flatMap((_, i) => {
      const [before, after] = [this.at(revision + i - 1, prefix), this.at(revision + i, prefix)];
      const gone = before.filter((old) => !after.some((kv) => kv.key === old.key)).map((kv) => `-${kv.key}`);
      const put = after.filter((kv) => kv.modRevision === revision + i).map((kv) => `+${kv.key}=${kv.value}`);
      return [...put, ...gone].sort().map((event) => `${revision + i} ${event}`);
    });
  }
}

interface Followed {
  from: number;
  prefix: string;
  told: string[];
  error?: Error;
}

type Step =
  | { do: 'txn'; writes: Write[]; compare?: { key: string; stale: boolean } | undefined }
  | { do: 'range'; prefix: string; back: number; limit: number; after: string | undefined }
  | { do: 'watch'; prefix: string; back: number }
  | { do: 'compact'; back: number }
  | { do: 'settle' }
  | { do: 'reopen' };
type Write = { type: 'put' | 'delete' | 'deletePrefix'; key: string };

const key = fc.constantFrom('/a', '/a/1', '/a/2', '/b/1', '/b/2', '/b/22');
const prefix = fc.constantFrom('', '/', '/a', '/a/', '/b/2', '/c');
const back = fc.nat(12);
const step = (...more: fc.Arbitrary<Step>[]): fc.Arbitrary<Step> =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('txn' as const),
        writes: fc.array(fc.record({ type: fc.constantFrom('put', 'put', 'delete', 'deletePrefix'), key }), {
          maxLength: 3,
        }),
        compare: fc.option(fc.record({ key, stale: fc.boolean() }), { nil: undefined }),
      }),
    },
    fc.record({
      do: fc.constant('range' as const),
      prefix,
      back,
      limit: fc.nat(4),
      after: fc.option(key, { nil: undefined }),
    }),
    fc.record({ do: fc.constant('watch' as const), prefix, back }),
    fc.record({ do: fc.constant('compact' as const), back }),
    fc.constant<Step>({ do: 'settle' }),
    ...more,
  );

/** Plays the steps on both; nothing is waited for between the steps but where one says so. */
async function play(open: () => Promise<Store>, steps: readonly Step[]): Promise<void> {
  const model = new Model();
  let store = await open();
  let written = 0;
  let running: Promise<unknown>[] = [];
  const followed: Followed[] = [];

  function txn({ writes, compare }: Step & { do: 'txn' }): void {
    const used = new Set<string>();
    const then = writes.flatMap(({ type, key }): Op[] => {
      const overlaps = [...used].some((k) => k.startsWith(key) || key.startsWith(k));
      if (overlaps) return [];
      used.add(key);
      if (type === 'put') return [{ type, key, value: Buffer.from(`${++written}`) }];
      return type === 'delete' ? [{ type, key }] : [{ type, prefix: key }];
    });
    const actual = model.states.at(-1)!.find((kv) => kv.key === compare?.key)?.modRevision ?? 0;
    const request: Txn = {
      ...(compare && {
        compare: [{ key: compare.key, target: 'mod', is: '=', value: actual - (compare.stale ? 1 : 0) }],
      }),
      then,
      else: [{ type: 'put', key: '/else', value: Buffer.from(`${++written}`) }],
    };
    const succeeded = model.txn(request);
    const revision = model.revision;
    running.push(
      store.txn(request).then((result) => {
        assert.deepEqual([result.succeeded, result.revision], [succeeded, revision]);
        assert.ok(store.revision >= revision, 'answered before it was durable');
      }),
    );
  }

  async function range({ prefix, back, limit, after }: Step & { do: 'range' }): Promise<void> {
    const asked = back === 0 ? undefined : Math.max(store.revision - back + 1, 1);
    const compacted = store.compactedRevision;
    const request = { prefix, limit, ...(after !== undefined && { after }), ...(asked && { revision: asked }) };
    if (asked && asked < compacted) return assert.rejects(store.range(request), CompactedError);
    const { kvs, count, more, revision } = await store.range(request);
    const all = model.at(revision, prefix).filter((kv) => after === undefined || kv.key > after);
    assert.deepEqual(kvs, limit === 0 ? all : all.slice(0, limit));
    assert.deepEqual([count, more], [all.length, kvs.length < all.length]);
  }

  function watch({ prefix, back }: Step & { do: 'watch' }): void {
    const from = Math.max(back === 0 ? store.compactedRevision + 1 : store.revision + 1 - back, 1);
    const watched: Followed = { from, prefix, told: [] };
    const name = (event: StoreEvent) => (event.type === 'put' ? `+${event.kv.key}=${event.kv.value}` : `-${event.key}`);
    store.watch(
      { prefix, startRevision: from },
      {
        events: (revision, events) => {
          assert.ok(store.revision >= revision, 'told before it was durable');
          watched.told.push(
            ...events
              .map(name)
              .sort()
              .map((event) => `${revision} ${event}`),
          );
        },
        error: (error) => {
          watched.error = error;
        },
      },
    );
    followed.push(watched);
  }

  async function settle(): Promise<void> {
    await Promise.all(running);
    running = [];
    assert.equal(store.revision, model.revision);
    for (const watched of followed) {
      const wanted = model.events(Math.max(watched.from, 2), watched.prefix);
      await waitFor(() => watched.error || watched.told.length >= wanted.length, { what: `${wanted.length} events` });
      if (watched.error) {
        assert.ok(watched.error instanceof CompactedError);
        assert.ok(watched.from <= store.compactedRevision);
        assert.deepEqual(watched.told, wanted.slice(0, watched.told.length));
      } else {
        assert.deepEqual(watched.told, wanted);
      }
    }
  }

  for (const step of steps) {
    if (step.do === 'txn') txn(step);
    else if (step.do === 'watch') watch(step);
    else if (step.do === 'range') running.push(range(step));
    else if (step.do === 'compact') running.push(store.compact(store.revision - step.back).catch(() => {}));
    else await settle();
    if (step.do !== 'reopen') continue;
    followed.length = 0;
    await store.close();
    store = await open();
  }
  await settle();
  assert.deepEqual((await store.range({ prefix: '' })).kvs, model.states.at(-1));
  await store.close();
}

test('the store in memory looks like the model', async () => {
  const open = () => openEmbeddedStore({ clock: virtualClock(), log: silentLog });
  await fc.assert(
    fc.asyncProperty(fc.array(step(), { maxLength: 80, size: 'max' }), (steps) => play(open, steps)),
    { numRuns: 300 },
  );
});

test('the store on disk looks like the model, also when it is opened again', async (t: TestContext) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step(fc.constant<Step>({ do: 'reopen' })), { maxLength: 80, size: 'max' }),
      async (steps) => {
        const dir = storeDir(t);
        await play(() => openEmbeddedStore({ dir, clock: virtualClock(), log: silentLog }), steps);
      },
    ),
    { numRuns: 40 },
  );
});
