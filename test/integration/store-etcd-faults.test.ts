/** What a real cluster of three members does to the store on it when members die, stop, forget, or cannot be reached. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, type TestContext, test } from 'node:test';
import { realClock } from '../../src/core/async/clock.ts';
import { silentLog } from '../../src/core/async/log.ts';
import { systemRandom } from '../../src/core/async/random.ts';
import {
  CompactedError,
  openEtcdStore,
  type Store,
  StoreUnavailableError,
  UnknownOutcomeError,
} from '../../src/core/store/index.ts';
import { type Etcd, type EtcdMember, startEtcd } from '../helpers/etcd.ts';
import { type Relay, startRelay } from '../helpers/relay.ts';
import { waitFor } from '../helpers/wait.ts';

const requestTimeoutMs = 3_000;
const deps = { clock: realClock, random: systemRandom, log: silentLog, requestTimeoutMs, memberTimeoutMs: 700 };
const starting = startEtcd({ after }, { members: 3, args: ['--heartbeat-interval=50', '--election-timeout=500'] });
let etcd: Etcd;
before(async () => {
  etcd = await starting;
});
beforeEach(() => Promise.all(etcd.members.filter(({ running }) => !running).map((member) => member.start())));

let opened = 0;
async function openStore(t: TestContext, servers = etcd.urls): Promise<{ store: Store; prefix: string }> {
  const prefix = `/store-${++opened}`;
  const store = await openEtcdStore({ servers, prefix, root: '', ...deps });
  t.after(() => store.close());
  return { store, prefix };
}

const put = (store: Store, key: string, value: string) =>
  store.txn({ then: [{ type: 'put', key, value: Buffer.from(value) }] });

/** Writes 1, 2, 3, … to a key, one after another, and remembers what each was answered; a watch remembers what it saw. */
class Witness {
  readonly #store: Store;
  readonly #key: string;
  readonly #done: string[] = [];
  readonly #undone: string[] = [];
  readonly #seen: string[] = [];
  readonly slowest = { ms: 0 };
  #revision = 0;
  #written = 0;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(store: Store, key = '/witness') {
    this.#store = store;
    this.#key = key;
    store.watch(
      { prefix: key },
      {
        events: (revision, events) => {
          assert.ok(revision > this.#revision, `${revision} after ${this.#revision}`);
          this.#revision = revision;
          for (const event of events) if (event.type === 'put') this.#seen.push(String(event.kv.value));
        },
        error: (error) => this.#seen.push(error.message),
      },
    );
  }

  /** How many writes were answered well. */
  get done(): number {
    return this.#done.length;
  }
  get undone(): number {
    return this.#undone.length;
  }

  start(): void {
    this.#running = this.#write();
  }

  /** Stops writing, and holds what was seen against what was answered. */
  async check(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    await put(this.#store, this.#key, 'last');
    await waitFor(() => this.#seen.at(-1) === 'last', { what: 'the last write' });
    assert.deepEqual([...new Set(this.#seen)], this.#seen, 'told twice');
    assert.deepEqual(
      this.#done.filter((value) => !this.#seen.includes(value)),
      [],
      'lost',
    );
    assert.deepEqual(
      this.#undone.filter((value) => this.#seen.includes(value)),
      [],
      'done though it was said not to be',
    );
  }

  async #write(): Promise<void> {
    while (!this.#stopped) {
      const value = String(++this.#written);
      const begun = performance.now();
      try {
        await put(this.#store, this.#key, value);
        this.#done.push(value);
      } catch (error) {
        if (error instanceof StoreUnavailableError) this.#undone.push(value);
        else assert.ok(error instanceof UnknownOutcomeError, String(error));
      }
      this.slowest.ms = Math.max(this.slowest.ms, performance.now() - begun);
    }
  }
}

const goesOn = (witness: Witness) => {
  const before = witness.done;
  return waitFor(() => witness.done > before + 20, { what: 'writes to go on', withinMs: 15_000 });
};

/** The addresses with this member first: the store takes the first that answers. */
const first = (member: EtcdMember) => [member.url, ...etcd.urls.filter((url) => url !== member.url)];
const leader = () => waitFor(() => etcd.leader(), { what: 'a leader', withinMs: 10_000 });
const follower = async () => {
  const { name } = await leader();
  return etcd.members.find((member) => member.name !== name)!;
};

test('the member that is asked is killed: another is asked, nothing is lost', async (t) => {
  const member = await follower();
  const { store } = await openStore(t, first(member));
  const witness = new Witness(store);
  witness.start();
  await goesOn(witness);

  await member.kill();
  await goesOn(witness);

  await witness.check();
});

test('the leader is killed: writes wait for the next one', async (t) => {
  const { store } = await openStore(t, first(await follower()));
  const witness = new Witness(store);
  witness.start();
  await goesOn(witness);

  await (await leader()).kill();
  await goesOn(witness);

  await witness.check();
});

test('all members are killed and come back: writes fail in time, then go on', async (t) => {
  const { store } = await openStore(t);
  const witness = new Witness(store);
  witness.start();
  await goesOn(witness);

  await Promise.all(etcd.members.map((member) => member.kill()));
  await waitFor(() => witness.undone > 0, { what: 'a write that was not done', withinMs: 2 * requestTimeoutMs });
  await Promise.all(etcd.members.map((member) => member.start()));
  await goesOn(witness);

  assert.ok(witness.slowest.ms < requestTimeoutMs + 1_000, `${witness.slowest.ms} ms`);
  await witness.check();
});

test('a member stops without a word: another is asked', async (t) => {
  const member = await follower();
  const { store } = await openStore(t, first(member));
  const witness = new Witness(store);
  witness.start();
  await goesOn(witness);

  member.pause();
  // What anybody can answer is asked of the next one soon.
  await store.confirm?.();
  await goesOn(witness);
  member.resume();

  await witness.check();
});

test('the network between is cut: another member is asked; with no way left writes fail in time', async (t) => {
  const relays = await Promise.all(etcd.members.map(({ port }) => startRelay(t, port)));
  const { store, prefix } = await openStore(
    t,
    relays.map(({ url }) => url),
  );
  const witness = new Witness(store);
  witness.start();
  await goesOn(witness);

  relays[0]!.cut();
  await store.confirm?.();
  await goesOn(witness);
  for (const relay of relays) relay.cut();
  await waitFor(() => witness.undone > 0, { what: 'a write that was not done', withinMs: 4 * requestTimeoutMs });
  await etcd.ctl('put', `${prefix}/elsewhere`, 'meanwhile');
  for (const relay of relays) relay.heal();
  await goesOn(witness);

  assert.equal(String((await store.get('/elsewhere'))?.value), 'meanwhile');
  assert.ok(witness.slowest.ms < 2 * requestTimeoutMs + 1_000, `${witness.slowest.ms} ms`);
  await witness.check();
});

test('somebody else compacts: history begins there, and a watch that kept up goes on', async (t) => {
  const { store } = await openStore(t);
  const old = (await put(store, '/a', '1')).revision;
  const witness = new Witness(store);
  const { revision } = await put(store, '/a', '2');

  await etcd.ctl('compact', String(revision));

  await assert.rejects(store.range({ prefix: '/', revision: old }), (error) => {
    assert.ok(error instanceof CompactedError);
    assert.equal(error.compactedRevision, revision);
    return true;
  });
  assert.equal(store.compactedRevision, revision);
  witness.start();
  await goesOn(witness);
  await witness.check();
});

test('what is compacted while the network is cut is lost to watches, and they are told', async (t) => {
  const relays: Relay[] = await Promise.all(etcd.members.map(({ port }) => startRelay(t, port)));
  const { store, prefix } = await openStore(
    t,
    relays.map(({ url }) => url),
  );
  const errors: Error[] = [];
  store.watch({ prefix: '/' }, { events() {}, error: (error) => errors.push(error) });
  await put(store, '/a', '1');

  for (const relay of relays) relay.cut();
  await etcd.ctl('del', `${prefix}/a`);
  const header = JSON.parse(await etcd.ctl('put', `${prefix}/b`, '2', '-w', 'json')) as {
    header: { revision: number };
  };
  await etcd.ctl('compact', String(header.header.revision));
  await assert.rejects(put(store, '/a', '3'));
  for (const relay of relays) relay.heal();
  await waitFor(() => errors.length > 0, { what: 'the watch to end', withinMs: 10_000 });

  assert.ok(errors[0] instanceof CompactedError);
  const { kvs } = await store.range({ prefix: '/' });
  assert.deepEqual(kvs.map(({ key }) => key).includes('/b'), true);
  assert.equal(store.stats().keys, kvs.length);
  const witness = new Witness(store);
  witness.start();
  await goesOn(witness);
  await witness.check();
});
