/**
 * The store against a model that keeps every state it ever had. Calls are made in random order, many at a time; what they
 * are answered must be what some order of them would have given, and revisions tell which.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  CompactedError,
  type KeyValue,
  type Op,
  type OpResult,
  type Store,
  type StoreEvent,
  type Txn,
  type TxnResult,
} from '../../src/core/store/index.ts';
import { waitFor } from '../helpers/wait.ts';

/** states[r - first] is what revision r left, in order of keys. */
class Model {
  readonly first: number;
  readonly states: KeyValue[][] = [[]];

  constructor(first: number) {
    this.first = first;
  }

  get revision(): number {
    return this.first + this.states.length - 1;
  }

  at(revision: number, prefix = ''): KeyValue[] {
    const state = this.states[revision - this.first] ?? [];
    return state.filter((kv) => kv.key.startsWith(prefix));
  }

  /** Somebody else's revisions, also the store's own marks, change nothing. */
  passTo(revision: number): void {
    while (this.revision < revision) this.states.push(this.states.at(-1)!);
  }

  /** What a transaction on the state of `revision` is answered, and what it leaves. */
  decide({ compare = [], then, else: otherwise = [] }: Txn, revision: number): [TxnResult, KeyValue[]] {
    const before = this.at(revision);
    const find = (key: string) => after.find((kv) => kv.key === key);
    let after = before;
    const succeeded = compare.every(({ key, value }) => (find(key)?.modRevision ?? 0) === value);
    const results = (succeeded ? then : otherwise).map((op): OpResult => {
      if (op.type === 'deletePrefix') {
        const left = after.filter((kv) => !kv.key.startsWith(op.prefix));
        const deleted = after.length - left.length;
        after = left;
        return { deleted };
      }
      const old = find(op.key);
      if (op.type === 'get') return { kv: old };
      after = after.filter((kv) => kv.key !== op.key);
      if (op.type === 'delete') return { kv: old };
      const { createRevision = revision + 1, version = 0 } = old ?? {};
      const kv = { key: op.key, value: op.value, createRevision, modRevision: revision + 1, version: version + 1 };
      after = [...after, kv].sort((a, b) => (a.key < b.key ? -1 : 1));
      return { kv };
    });
    const wrote = after.length !== before.length || after.some((kv) => kv.modRevision > revision);
    return [{ succeeded, results, revision: wrote ? revision + 1 : revision }, after];
  }

  /** The transaction was answered so; it came behind all that were checked before. */
  check(txn: Txn, answer: TxnResult): void {
    this.passTo(answer.revision - 1);
    if (answer.revision > this.revision) {
      const [expected, after] = this.decide(txn, this.revision);
      if (expected.revision === answer.revision) {
        assert.deepEqual(answer, expected);
        this.states.push(after);
        return;
      }
      this.passTo(answer.revision);
    }
    assert.deepEqual(answer, this.decide(txn, answer.revision)[0]);
  }

  /** What a watch is told from `revision` on: the differences of the states, as `7 +/a=x (w)` and `8 -/a (x)`. */
  events(revision: number, prefix: string): string[] {
    const told: string[] = [];
    for (let at = Math.max(revision, this.first + 1); at <= this.revision; at++) {
      const [before, after] = [this.at(at - 1, prefix), this.at(at, prefix)];
      const old = (key: string) => before.find((kv) => kv.key === key);
      const gone = before.filter(({ key }) => !after.some((kv) => kv.key === key));
      const put = after.filter((kv) => kv.modRevision === at);
      const names = [
        ...put.map((kv) => nameOf({ type: 'put', kv, prev: old(kv.key) })),
        ...gone.map((prev) => nameOf({ type: 'delete', key: prev.key, modRevision: at, prev })),
      ];
      if (names.length > 0) told.push(`${at} ${names.sort().join(' ')}`);
    }
    return told;
  }
}

function nameOf(event: StoreEvent): string {
  const before = event.prev ? ` (${event.prev.value})` : '';
  return event.type === 'put' ? `+${event.kv.key}=${event.kv.value}${before}` : `-${event.key}${before}`;
}

interface Followed {
  from: number;
  prefix: string;
  told: string[];
  error?: Error;
}

export type Step =
  | { do: 'txn'; writes: Write[]; compare?: { key: string; stale: boolean } | undefined }
  | { do: 'range'; prefix: string; back: number; limit: number; after: string | undefined }
  | { do: 'watch'; prefix: string; back: number }
  | { do: 'compact'; back: number }
  | { do: 'settle' }
  | { do: 'reopen' };
type Write = { type: 'put' | 'get' | 'delete' | 'deletePrefix'; key: string };

const key = fc.constantFrom('/a', '/a/1', '/a/2', '/b/1', '/b/2', '/b/22');
const prefix = fc.constantFrom('', '/', '/a', '/a/', '/b/2', '/c');
const back = fc.nat(12);
const types = fc.constantFrom<Write['type'][]>('put', 'put', 'get', 'delete', 'deletePrefix');

/** `more` are steps that only some stores know. */
export const steps = (...more: fc.Arbitrary<Step>[]): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({
          do: fc.constant('txn' as const),
          writes: fc.array(fc.record({ type: types, key }), { maxLength: 3 }),
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
    ),
    { maxLength: 80, size: 'max' },
  );

/** Plays the steps on both; nothing is waited for between the steps but where one says so. */
export async function play(open: () => Promise<Store>, steps: readonly Step[]): Promise<void> {
  let store = await open();
  const model = new Model(store.revision);
  let written = 0;
  let running: Promise<unknown>[] = [];
  let answers: { txn: Txn; answer: TxnResult }[] = [];
  let checks: (() => void)[] = [];
  const followed: Followed[] = [];

  function txn({ writes, compare }: Step & { do: 'txn' }): void {
    const used = new Set<string>();
    const then = writes.flatMap(({ type, key }): Op[] => {
      if (type === 'get') return [{ type, key }];
      if ([...used].some((k) => k.startsWith(key) || key.startsWith(k))) return [];
      used.add(key);
      if (type === 'put') return [{ type, key, value: Buffer.from(`${++written}`) }];
      return type === 'delete' ? [{ type, key }] : [{ type, prefix: key }];
    });
    const known = model.at(model.revision).find((kv) => kv.key === compare?.key)?.modRevision ?? 0;
    const request: Txn = {
      ...(compare && {
        compare: [{ key: compare.key, target: 'mod', is: '=', value: known - (compare.stale ? 1 : 0) }],
      }),
      then,
      else: [{ type: 'put', key: '/else', value: Buffer.from(`${++written}`) }],
    };
    const answered = (answer: TxnResult) => {
      assert.ok(store.revision >= answer.revision, 'answered before it was durable');
      answers.push({ txn: request, answer });
    };
    running.push(store.txn(request).then(answered));
  }

  async function range({ prefix, back, limit, after }: Step & { do: 'range' }): Promise<void> {
    const asked = back === 0 ? undefined : Math.max(store.revision - back + 1, model.first);
    const request = { prefix, limit, ...(after !== undefined && { after }), ...(asked && { revision: asked }) };
    try {
      const { kvs, count, more, revision } = await store.range(request);
      checks.push(() => {
        const all = model.at(revision, prefix).filter((kv) => after === undefined || kv.key > after);
        assert.deepEqual(kvs, limit === 0 ? all : all.slice(0, limit));
        assert.deepEqual([count, more], [all.length, kvs.length < all.length]);
      });
    } catch (error) {
      assert.ok(error instanceof CompactedError && asked && asked < store.compactedRevision, String(error));
    }
  }

  function watch({ prefix, back }: Step & { do: 'watch' }): void {
    const from = Math.max(back === 0 ? store.compactedRevision + 1 : store.revision + 1 - back, model.first, 1);
    const watched: Followed = { from, prefix, told: [] };
    store.watch(
      { prefix, startRevision: from },
      {
        events: (revision, events) => {
          assert.ok(store.revision >= revision, 'told before it was durable');
          watched.told.push(`${revision} ${events.map(nameOf).sort().join(' ')}`);
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
    // Those that wrote nothing saw what the one before them at the same revision left.
    for (const { txn, answer } of answers.sort((a, b) => a.answer.revision - b.answer.revision || rank(a) - rank(b))) {
      model.check(txn, answer);
    }
    model.passTo(store.revision);
    for (const check of checks) check();
    [running, answers, checks] = [[], [], []];
    for (const watched of followed) {
      const wanted = model.events(watched.from, watched.prefix);
      await waitFor(() => watched.error || watched.told.length >= wanted.length, { what: `${wanted.length} events` });
      const told = watched.told.map((line, i) => withoutUnknown(line, wanted[i]));
      if (watched.error) {
        assert.ok(watched.error instanceof CompactedError);
        assert.ok(watched.from <= store.compactedRevision);
        assert.deepEqual(told, wanted.slice(0, told.length));
      } else {
        assert.deepEqual(told, wanted);
      }
    }
  }

  const rank = ({ txn, answer: { succeeded, results } }: { txn: Txn; answer: TxnResult }) =>
    (succeeded ? txn.then : txn.else!).some(({ type }, i) =>
      type === 'put' ? true : type === 'delete' ? results[i]!.kv : results[i]!.deleted,
    )
      ? 0
      : 1;

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
  assert.deepEqual((await store.range({ prefix: '' })).kvs, model.at(model.revision));
  await store.close();
}

/** `prev` is told when it is known, which after a compaction it need not be. */
function withoutUnknown(told: string, wanted = ''): string {
  return wanted.replaceAll(/ \(\d+\)/g, '') === told ? wanted : told;
}
