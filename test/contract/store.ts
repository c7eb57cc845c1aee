/** What every Store must do, in etcd v3's semantics. Run with each implementation: `storeContract('memory', open)`. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import {
  CompactedError,
  type Compare,
  FutureRevisionError,
  type KeyValue,
  type Op,
  type Store,
  StoreClosedError,
  type StoreEvent,
  type WatchOptions,
} from '../../src/core/store/index.ts';
import { waitFor } from '../helpers/wait.ts';

export interface StoreUnderTest {
  /** Without keys; its revision may be any. The test closes it. */
  store: Store;
  /** Lets time pass for keys that expire. */
  pass(ms: number): Promise<void>;
}

export type OpenStore = (t: TestContext) => Promise<StoreUnderTest>;

const bytes = (text: string) => Buffer.from(text);
const put = (key: string, value: string, ttlSeconds?: number): Op => ({
  type: 'put',
  key,
  value: bytes(value),
  ...(ttlSeconds !== undefined && { ttlSeconds }),
});
const remove = (key: string): Op => ({ type: 'delete', key });
const write = async (store: Store, ...then: Op[]) => (await store.txn({ then })).revision;

const textOf = (kv: KeyValue | undefined) => kv?.value.toString();
const pairs = (kvs: readonly KeyValue[]) => kvs.map((kv) => `${kv.key}=${kv.value}`);

/** A watch that writes down what it is told: `7 +/a=1 (0)` for a put at revision 7 where `0` was before, `-/a` for a delete. */
function follow(store: Store, options: WatchOptions) {
  const seen = { lines: [] as string[], progress: [] as number[], error: undefined as Error | undefined };
  const line = (event: StoreEvent) => {
    const before = event.prev ? ` (${event.prev.value})` : '';
    return event.type === 'put' ? `+${event.kv.key}=${event.kv.value}${before}` : `-${event.key}${before}`;
  };
  const watch = store.watch(options, {
    events: (revision, events) => void seen.lines.push(`${revision} ${events.map(line).join(' ')}`),
    progress: (revision) => void seen.progress.push(revision),
    error: (error) => {
      seen.error = error;
    },
  });
  const started = () => waitFor(() => seen.progress.length > 0, { what: 'the past to be told' });
  const count = (lines: number) => waitFor(() => seen.lines.length >= lines, { what: `${lines} lines` });
  return { seen, started, count, close: () => watch.close() };
}

export function storeContract(name: string, open: OpenStore): void {
  const storeTest = (what: string, body: (store: Store, pass: StoreUnderTest['pass']) => Promise<void>) =>
    test(what, async (t) => {
      const { store, pass } = await open(t);
      try {
        await body(store, pass);
      } finally {
        await store.close();
      }
    });

  describe(`store contract: ${name}`, () => {
    transactions(storeTest);
    ranges(storeTest);
    watches(storeTest);
    expiry(storeTest);
    compaction(storeTest);
    closing(storeTest);
  });
}

type StoreTest = (what: string, body: (store: Store, pass: StoreUnderTest['pass']) => Promise<void>) => void;

function transactions(storeTest: StoreTest): void {
  storeTest('a write takes the next revision and answers with what it wrote', async (store) => {
    const before = store.revision;

    const result = await store.txn({ then: [put('/a', '1')] });

    const revision = before + 1;
    const kv = { key: '/a', value: bytes('1'), createRevision: revision, modRevision: revision, version: 1 };
    assert.deepEqual(result, { succeeded: true, revision, results: [{ kv }] });
    assert.deepEqual(await store.get('/a'), kv);
    assert.equal(store.revision, revision);
  });

  storeTest('counts the writes of a key since its creation', async (store) => {
    const created = await write(store, put('/a', '1'));
    const changed = await write(store, put('/a', '2'));
    const { version, createRevision, modRevision } = (await store.get('/a'))!;
    assert.deepEqual(
      { version, createRevision, modRevision },
      { version: 2, createRevision: created, modRevision: changed },
    );

    await write(store, remove('/a'));
    const again = await write(store, put('/a', '3'));

    const kv = (await store.get('/a'))!;
    assert.deepEqual([kv.version, kv.createRevision, kv.modRevision], [1, again, again]);
  });

  storeTest('takes no revision when nothing is written', async (store) => {
    const revision = await write(store, put('/a', '1'));

    const read = await store.txn({
      then: [
        { type: 'get', key: '/a' },
        { type: 'get', key: '/none' },
      ],
    });
    const nothing = await store.txn({ then: [remove('/none'), { type: 'deletePrefix', prefix: '/none/' }] });

    assert.equal(textOf(read.results[0]!.kv), '1');
    assert.equal(read.results[1]!.kv, undefined);
    assert.equal(nothing.results[0]!.kv, undefined);
    assert.equal(nothing.results[1]!.deleted, 0);
    assert.deepEqual([read.revision, nothing.revision, store.revision], [revision, revision, revision]);
  });

  storeTest('compares modification, creation and version, of missing keys as 0', async (store) => {
    const created = await write(store, put('/a', '1'));
    const changed = await write(store, put('/a', '2'));
    const holds = async (compare: Compare) => (await store.txn({ compare: [compare], then: [] })).succeeded;

    for (const [target, actual] of [
      ['mod', changed],
      ['create', created],
      ['version', 2],
    ] as const) {
      for (const value of [actual - 1, actual, actual + 1]) {
        assert.equal(await holds({ key: '/a', target, is: '=', value }), actual === value);
        assert.equal(await holds({ key: '/a', target, is: '!=', value }), actual !== value);
        assert.equal(await holds({ key: '/a', target, is: '<', value }), actual < value);
        assert.equal(await holds({ key: '/a', target, is: '>', value }), actual > value);
      }
      assert.equal(await holds({ key: '/none', target, is: '=', value: 0 }), true);
      assert.equal(await holds({ key: '/none', target, is: '>', value: 0 }), false);
    }
  });

  storeTest('takes the else branch when one comparison does not hold', async (store) => {
    await write(store, put('/a', '1'));

    const result = await store.txn({
      compare: [
        { key: '/a', target: 'version', is: '=', value: 1 },
        { key: '/b', target: 'create', is: '!=', value: 0 },
      ],
      then: [put('/taken', 'then')],
      else: [{ type: 'get', key: '/a' }, put('/taken', 'else')],
    });

    assert.equal(result.succeeded, false);
    assert.equal(textOf(result.results[0]!.kv), '1');
    assert.equal(textOf(await store.get('/taken')), 'else');
  });

  storeTest('does all operations of a transaction at one revision, each seeing those before it', async (store) => {
    await write(store, put('/old', '0'), put('/old/1', '0'), put('/old/2', '0'));

    const { revision, results } = await store.txn({
      then: [
        put('/a', '1'),
        { type: 'get', key: '/a' },
        remove('/old'),
        { type: 'get', key: '/old' },
        { type: 'deletePrefix', prefix: '/old' },
        put('/b', '2'),
      ],
    });

    assert.deepEqual(
      results.map(({ kv }) => textOf(kv)),
      ['1', '1', '0', undefined, undefined, '2'],
    );
    assert.equal(results[4]!.deleted, 2);
    const { kvs } = await store.range({ prefix: '/' });
    assert.deepEqual(
      kvs.map((kv) => [kv.key, kv.modRevision]),
      [
        ['/a', revision],
        ['/b', revision],
      ],
    );
  });

  storeTest('refuses to write a key twice in a transaction and changes nothing', async (store) => {
    const before = store.revision;
    const duplicate = /duplicate key given in txn request/;

    await assert.rejects(store.txn({ then: [put('/a', '1'), put('/a', '2')] }), duplicate);
    await assert.rejects(store.txn({ then: [put('/a', '1'), remove('/a')] }), duplicate);
    await assert.rejects(store.txn({ then: [{ type: 'deletePrefix', prefix: '/' }, put('/a', '1')] }), duplicate);
    await assert.rejects(store.txn({ then: [], else: [put('/a', '1'), put('/a', '2')] }), duplicate);

    assert.equal(store.revision, before);
    assert.equal(await store.get('/a'), undefined);
  });

  storeTest('deletes a prefix and nothing else', async (store) => {
    await write(store, put('/pods/a', '1'), put('/pods/b', '2'), put('/pods', '3'), put('/podsx', '4'));

    const { results } = await store.txn({ then: [{ type: 'deletePrefix', prefix: '/pods/' }] });

    assert.equal(results[0]!.deleted, 2);
    assert.deepEqual(pairs((await store.range({ prefix: '/' })).kvs), ['/pods=3', '/podsx=4']);
  });

  storeTest('lets one of many writers win that compare the same revision', async (store) => {
    const value = await write(store, put('/a', 'start'));

    const results = await Promise.all(
      Array.from({ length: 64 }, (_, i) =>
        store.txn({ compare: [{ key: '/a', target: 'mod', is: '=', value }], then: [put('/a', `${i}`)] }),
      ),
    );

    const winners = results.flatMap(({ succeeded }, i) => (succeeded ? [`${i}`] : []));
    assert.equal(winners.length, 1);
    assert.equal(textOf(await store.get('/a')), winners[0]);
    assert.equal(store.revision, value + 1);
  });

  storeTest('gives concurrent writers a revision each', async (store) => {
    const before = store.revision;

    const revisions = await Promise.all(Array.from({ length: 100 }, (_, i) => write(store, put(`/${i}`, '1'))));

    const ordered = revisions.sort((a, b) => a - b);
    assert.deepEqual(
      ordered,
      Array.from({ length: 100 }, (_, i) => before + 1 + i),
    );
  });

  storeTest('keeps any bytes: none, zeros, a megabyte', async (store) => {
    const values = [Buffer.alloc(0), Buffer.from([0, 255, 0, 10]), Buffer.alloc(1_000_000, 'x')];
    for (const [i, value] of values.entries()) {
      await store.txn({ then: [{ type: 'put', key: `/${i}`, value }] });
    }
    for (const [i, value] of values.entries()) assert.ok((await store.get(`/${i}`))!.value.equals(value));
  });

  storeTest('refuses an empty key', async (store) => {
    await assert.rejects(store.txn({ then: [put('', '1')] }), /key/);
  });
}

function ranges(storeTest: StoreTest): void {
  storeTest('lists the keys of a prefix in the order of their bytes', async (store) => {
    // U+1F600 takes four bytes that sort behind the three of U+FF5E, while its UTF-16 form sorts before.
    const keys = ['/k/', '/k/Z', '/k/a', '/k/a/b', '/k/ab', '/k/é', '/k/\uff5e', '/k/\u{1f600}'];
    await write(store, ...[...keys].reverse().map((key) => put(key, '1')), put('/k', '0'), put('/l', '0'));

    const range = await store.range({ prefix: '/k/' });

    assert.deepEqual(
      range.kvs.map((kv) => kv.key),
      keys,
    );
    assert.deepEqual([range.count, range.more, range.revision], [keys.length, false, store.revision]);
  });

  storeTest('finds nothing where nothing is', async (store) => {
    await write(store, put('/a', '1'));
    const { kvs, count, more } = await store.range({ prefix: '/b' });
    assert.deepEqual([kvs, count, more], [[], 0, false]);
  });

  storeTest('gives pages: a limit, and keys after the last one seen', async (store) => {
    await write(store, ...['a', 'b', 'c', 'd', 'e'].map((key) => put(`/${key}`, key)));
    const page = async (after: string | undefined, limit?: number) => {
      const { kvs, count, more } = await store.range({
        prefix: '/',
        ...(after !== undefined && { after }),
        ...(limit !== undefined && { limit }),
      });
      return `${kvs.map(textOf).join('')} ${count} ${more}`;
    };

    assert.equal(await page(undefined, 2), 'ab 5 true');
    assert.equal(await page('/b', 2), 'cd 3 true');
    assert.equal(await page('/d', 2), 'e 1 false');
    assert.equal(await page('/bb'), 'cde 3 false');
    assert.equal(await page('/e', 2), ' 0 false');
    assert.equal(await page('/z', 2), ' 0 false');
    assert.equal(await page('!', 5), 'abcde 5 false');
  });

  storeTest('shows the state at every revision that was', async (store) => {
    const at = [
      await write(store, put('/a', '1'), put('/b', '1')),
      await write(store, put('/a', '2')),
      await write(store, remove('/a'), put('/c', '3')),
      await write(store, put('/a', '4'), remove('/b')),
    ];
    const shown = async (revision: number) => {
      const range = await store.range({ prefix: '/', revision });
      assert.equal(range.revision, revision);
      assert.equal(range.count, range.kvs.length);
      return pairs(range.kvs).join(' ');
    };

    assert.equal(await shown(at[0]!), '/a=1 /b=1');
    assert.equal(await shown(at[1]!), '/a=2 /b=1');
    assert.equal(await shown(at[2]!), '/b=1 /c=3');
    assert.equal(await shown(at[3]!), '/a=4 /c=3');
    const { version, createRevision } = (await store.range({ prefix: '/a', revision: at[1]! })).kvs[0]!;
    assert.deepEqual([version, createRevision], [2, at[0]]);
  });

  storeTest('pages through one revision while others write', async (store) => {
    const revision = await write(store, ...['a', 'b', 'c', 'd'].map((key) => put(`/${key}`, 'old')));

    const first = await store.range({ prefix: '/', limit: 2, revision });
    await write(store, put('/c', 'new'), put('/cc', 'new'), remove('/d'));
    const second = await store.range({ prefix: '/', limit: 2, revision, after: first.kvs.at(-1)!.key });

    assert.deepEqual(pairs([...first.kvs, ...second.kvs]), ['/a=old', '/b=old', '/c=old', '/d=old']);
    assert.deepEqual([first.more, second.more, second.count], [true, false, 2]);
  });

  storeTest('refuses a revision that has not come', async (store) => {
    await assert.rejects(store.range({ prefix: '/', revision: store.revision + 1 }), FutureRevisionError);
  });
}

function watches(storeTest: StoreTest): void {
  storeTest('tells what is written after it begins, with the values before', async (store) => {
    const revision = await write(store, put('/a', '1'));
    const { seen, count, started } = follow(store, { prefix: '/' });
    await started();

    await write(store, put('/a', '2'));
    await write(store, remove('/a'));
    await write(store, put('/a', '3'));
    await count(3);

    assert.deepEqual(seen.lines, [`${revision + 1} +/a=2 (1)`, `${revision + 2} -/a (2)`, `${revision + 3} +/a=3`]);
  });

  storeTest('begins with the next revision even when that is written at once', async (store) => {
    const revision = store.revision;
    const { seen, count } = follow(store, { prefix: '/' });
    await write(store, put('/a', '1'));
    await count(1);
    assert.deepEqual(seen.lines, [`${revision + 1} +/a=1`]);
  });

  storeTest('tells the events of a transaction together, and of those only its own', async (store) => {
    const revision = await write(store, put('/x/1', '0'), put('/x/2', '0'));
    const { seen, count, started } = follow(store, { prefix: '/x/' });
    await started();

    await write(
      store,
      put('/y', '0'),
      put('/x/3', '1'),
      put('/x', '0'),
      { type: 'deletePrefix', prefix: '/x/1' },
      put('/x/2', '1'),
    );
    await write(store, put('/y', '1'));
    await write(store, put('/x/4', '1'));
    await count(2);

    assert.deepEqual(seen.lines, [`${revision + 1} +/x/3=1 -/x/1 (0) +/x/2=1 (0)`, `${revision + 3} +/x/4=1`]);
  });

  storeTest('replays the past from a revision, then goes on without gap or repetition', async (store) => {
    const first = await write(store, put('/a', '1'), put('/b', '1'));
    await write(store, put('/b', '2'), put('/a', '2'));
    await write(store, remove('/a'));
    const { seen, count } = follow(store, { prefix: '/', startRevision: first + 1 });
    await write(store, put('/a', '4'));
    await count(3);
    await write(store, put('/a', '5'));
    await count(4);

    assert.deepEqual(seen.lines, [
      `${first + 1} +/b=2 (1) +/a=2 (1)`,
      `${first + 2} -/a (2)`,
      `${first + 3} +/a=4`,
      `${first + 4} +/a=5 (4)`,
    ]);
  });

  storeTest('waits for a revision that has not come', async (store) => {
    const revision = store.revision;
    const { seen, count, started } = follow(store, { prefix: '/', startRevision: revision + 2 });
    await started();
    await write(store, put('/a', '1'));
    await write(store, put('/a', '2'));
    await count(1);
    assert.deepEqual(seen.lines, [`${revision + 2} +/a=2 (1)`]);
  });

  storeTest('says when the past has been told', async (store) => {
    const revision = await write(store, put('/a', '1'));
    const { seen, started } = follow(store, { prefix: '/none', startRevision: revision });
    assert.deepEqual(seen.progress, []);
    await started();
    assert.deepEqual(seen.progress, [revision]);
  });

  storeTest('tells every watch before the writer is answered', async (store) => {
    const all = follow(store, { prefix: '' });
    const some = follow(store, { prefix: '/a' });
    const others = follow(store, { prefix: '/b' });
    await Promise.all([all.started(), some.started(), others.started()]);

    const revision = await write(store, put('/a', '1'));

    assert.deepEqual(all.seen.lines, [`${revision} +/a=1`]);
    assert.deepEqual(some.seen.lines, [`${revision} +/a=1`]);
    assert.deepEqual(others.seen.lines, []);
  });

  storeTest('says nothing after it is closed', async (store) => {
    const revision = await write(store, put('/a', '1'));
    const live = follow(store, { prefix: '/' });
    await live.started();
    const replaying = follow(store, { prefix: '/', startRevision: revision });
    live.close();
    replaying.close();
    const open = follow(store, { prefix: '/', startRevision: revision });

    await write(store, put('/a', '2'));
    await open.count(2);

    assert.deepEqual(live.seen.lines, []);
    assert.deepEqual(replaying.seen.lines, []);
  });
}

function expiry(storeTest: StoreTest): void {
  storeTest('deletes a key when its time has come, as a write of its own', async (store, pass) => {
    const { seen, count, started } = follow(store, { prefix: '/' });
    await started();
    const revision = await write(store, put('/a', '1', 3), put('/b', '1'));

    await pass(1_000);
    assert.equal(textOf(await store.get('/a')), '1');
    await pass(6_000);
    await count(2);

    assert.deepEqual(seen.lines, [`${revision} +/a=1 +/b=1`, `${revision + 1} -/a (1)`]);
    assert.equal(await store.get('/a'), undefined);
  });

  storeTest('a later write puts its own time in place of the one before', async (store, pass) => {
    await write(store, put('/kept', '1', 3), put('/longer', '1', 3), put('/witness', '1', 3));
    await write(store, put('/kept', '2'), put('/longer', '2', 60));

    await pass(7_000);
    await waitFor(async () => (await store.get('/witness')) === undefined);

    assert.equal(textOf(await store.get('/kept')), '2');
    assert.equal(textOf(await store.get('/longer')), '2');
  });
}

function compaction(storeTest: StoreTest): void {
  storeTest('forgets what was before a revision and keeps its state and all that came later', async (store) => {
    const first = await write(store, put('/a', '1'), put('/b', '1'), put('/c', '1'));
    const second = await write(store, put('/a', '2'));
    const third = await write(store, remove('/b'));
    const fourth = await write(store, put('/a', '4'));

    await store.compact(third);

    assert.equal(store.compactedRevision, third);
    await assert.rejects(store.range({ prefix: '/', revision: first }), CompactedError);
    await assert.rejects(store.range({ prefix: '/', revision: second }), CompactedError);
    assert.deepEqual(pairs((await store.range({ prefix: '/', revision: third })).kvs), ['/a=2', '/c=1']);
    assert.deepEqual(pairs((await store.range({ prefix: '/', revision: fourth })).kvs), ['/a=4', '/c=1']);
    assert.deepEqual(pairs((await store.range({ prefix: '/' })).kvs), ['/a=4', '/c=1']);
  });

  storeTest('ends a watch that does not begin behind the compacted revision', async (store) => {
    const first = await write(store, put('/a', '1'));
    await write(store, put('/a', '2'));
    const third = await write(store, put('/a', '3'));
    await store.compact(third);

    // etcd forgets a deletion that happened at the compacted revision itself.
    const early = [first, third].map((startRevision) => follow(store, { prefix: '/', startRevision }));
    const late = follow(store, { prefix: '/', startRevision: third + 1 });
    await write(store, put('/a', '4'));
    await late.count(1);

    for (const { seen } of early) {
      await waitFor(() => seen.error);
      assert.ok(seen.error instanceof CompactedError);
      assert.equal(seen.error.compactedRevision, third);
      assert.deepEqual(seen.lines, []);
    }
    assert.deepEqual(late.seen.lines, [`${third + 1} +/a=4 (3)`]);
  });

  storeTest('does not disturb a watch that is up to date', async (store) => {
    const { seen, count, started } = follow(store, { prefix: '/' });
    await started();
    const first = await write(store, put('/a', '1'));
    const second = await write(store, put('/a', '2'));
    await store.compact(second);
    await write(store, put('/a', '3'));
    await count(3);
    assert.deepEqual(seen.lines, [`${first} +/a=1`, `${second} +/a=2 (1)`, `${second + 1} +/a=3 (2)`]);
  });

  storeTest('refuses to compact twice, or to a revision that has not come', async (store) => {
    await write(store, put('/a', '1'));
    const revision = await write(store, put('/a', '2'));
    await store.compact(revision);

    await assert.rejects(store.compact(revision), CompactedError);
    await assert.rejects(store.compact(revision - 1), CompactedError);
    await assert.rejects(store.compact(revision + 1), FutureRevisionError);
  });
}

function closing(storeTest: StoreTest): void {
  storeTest('answers what it accepted, then refuses everything', async (store) => {
    const { seen } = follow(store, { prefix: '/' });
    const accepted = Array.from({ length: 10 }, (_, i) => store.txn({ then: [put(`/${i}`, '1')] }));

    await store.close();

    for (const { succeeded } of await Promise.all(accepted)) assert.ok(succeeded);
    await assert.rejects(store.txn({ then: [put('/a', '1')] }), StoreClosedError);
    await assert.rejects(store.get('/a'), StoreClosedError);
    await assert.rejects(store.range({ prefix: '/' }), StoreClosedError);
    await assert.rejects(store.compact(1), StoreClosedError);
    assert.ok(seen.error instanceof StoreClosedError);
    const late = follow(store, { prefix: '/' });
    await waitFor(() => late.seen.error instanceof StoreClosedError);
    await store.close();
  });

  storeTest('counts keys and watches', async (store) => {
    await write(store, put('/a', '1'), put('/b', '1'));
    await write(store, remove('/a'));
    const { close } = follow(store, { prefix: '/' });
    const { keys, watchers, pendingTxns } = store.stats();
    assert.deepEqual({ keys, watchers, pendingTxns }, { keys: 1, watchers: 1, pendingTxns: 0 });
    close();
    assert.equal(store.stats().watchers, 0);
  });
}
