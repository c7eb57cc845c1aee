/**
 * The store on etcd against etcd3 itself on the same member: `npm run bench -- etcd`, or with a number of turns
 * `node --import tsx test/bench/etcd.ts [turns]`. Both write 1 KB values from 64 writers, in short turns, so that a busy
 * machine slows both. The store's own work beside the transaction is the watch that its answers wait for.
 */
import { Etcd3 } from 'etcd3';
import { realClock } from '../../src/core/async/clock.ts';
import { silentLog } from '../../src/core/async/log.ts';
import { systemRandom } from '../../src/core/async/random.ts';
import { openEtcdStore, type Store } from '../../src/core/store/index.ts';
import { startEtcd } from '../helpers/etcd.ts';

const turns = Number(process.argv[2] ?? 8);
const turnMs = 500;
const clients = 64;
const keysEach = 50;
const value = Buffer.alloc(1024, 'x');

const quantile = (all: number[], q: number) => [...all].sort((a, b) => a - b)[Math.floor(all.length * q)]!;

interface Measured {
  perSecond: number;
  /** Processor time of this process, etcd's not among it. */
  cpuUs: number;
}

/** All clients do `work` for one turn, one after another in each. */
async function measure(work: (client: number) => Promise<unknown>): Promise<Measured> {
  let done = 0;
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const run = async (client: number) => {
    for (; performance.now() < start + turnMs; done++) await work(client);
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => run(client)));
  const used = process.cpuUsage(cpu);
  return { perSecond: done / ((performance.now() - start) / 1000), cpuUs: (used.user + used.system) / done };
}

type Swap = (key: string, revision: number) => Promise<number>;

/** Creates a new key each time. */
function creator(swap: Swap) {
  let created = 0;
  return () => swap(`/registry/pods/default/new-${++created}`, 0);
}

/** Each client changes its own keys, on the condition that they are as it left them. */
function changer(swap: Swap) {
  const revisions = new Map<string, number>();
  const counts = new Array<number>(clients).fill(0);
  return async (client: number) => {
    const key = `/registry/pods/default/web-${client}-${counts[client]!++ % keysEach}`;
    revisions.set(key, await swap(key, revisions.get(key) ?? 0));
  };
}

const swapByStore =
  (store: Store): Swap =>
  async (key, revision) => {
    const compare = [{ key, target: 'mod' as const, is: '=' as const, value: revision }];
    const result = await store.txn({ compare, then: [{ type: 'put', key, value }] });
    if (!result.succeeded) throw new Error(`${key} was not as it was left`);
    return result.revision;
  };

const swapByEtcd3 =
  (etcd: Etcd3): Swap =>
  async (key, revision) => {
    const result = await etcd
      .if(`/raw${key}`, 'Mod', '==', revision)
      .then(etcd.put(`/raw${key}`).value(value))
      .commit();
    if (!result.succeeded) throw new Error(`${key} was not as it was left`);
    return Number(result.header.revision);
  };

async function compare(what: string, byStore: (n: number) => Promise<unknown>, raw: (n: number) => Promise<unknown>) {
  const measured: { store: Measured; raw: Measured }[] = [];
  await measure(raw);
  await measure(byStore);
  for (let i = 0; i < turns; i++) measured.push({ raw: await measure(raw), store: await measure(byStore) });
  const figures = (of: 'store' | 'raw') => {
    const median = (figure: keyof Measured) =>
      quantile(
        measured.map((m) => m[of][figure]),
        0.5,
      ).toFixed(0);
    return `${median('perSecond')}/s (${median('cpuUs')} µs of processor each)`;
  };
  const share = quantile(
    measured.map(({ store, raw }) => store.perSecond / raw.perSecond),
    0.5,
  );
  console.log(`${what}: ${figures('store')} by the store, ${figures('raw')} by etcd3: ${(100 * share).toFixed(0)} %`);
}

/** From the call of a write in one store to the event in another, at 500 writes a second. */
async function watchLatency(writer: Store, reader: Store): Promise<void> {
  const begun = new Map<string, number>();
  const latencies: number[] = [];
  const watch = reader.watch(
    { prefix: '/registry/latency/' },
    {
      events: (_, [event]) => {
        if (event?.type === 'put') latencies.push(performance.now() - begun.get(event.kv.key)!);
      },
      error() {},
    },
  );
  const writes: Promise<unknown>[] = [];
  for (let i = 0; i < 1_000; i++) {
    const key = `/registry/latency/${i}`;
    begun.set(key, performance.now());
    writes.push(writer.txn({ then: [{ type: 'put', key, value }] }));
    await new Promise((resolve) => realClock.after(2, () => resolve(undefined)));
  }
  await Promise.all(writes);
  watch.close();
  const [half, most] = [0.5, 0.99].map((q) => quantile(latencies, q).toFixed(2));
  console.log(`write → watcher of another server: p50 ${half} ms, p99 ${most} ms (${latencies.length} events)`);
}

const endings: (() => Promise<void>)[] = [];
const etcd = await startEtcd({ after: (fn) => void endings.push(fn) });
const deps = { servers: etcd.urls, clock: realClock, random: systemRandom, log: silentLog };
const store = await openEtcdStore(deps);
const raw = new Etcd3({ hosts: etcd.urls });
await compare('create', creator(swapByStore(store)), creator(swapByEtcd3(raw)));
await compare('compare-and-swap', changer(swapByStore(store)), changer(swapByEtcd3(raw)));
await compare(
  'read as fresh as the cluster',
  () => store.confirm!(),
  () => raw.get('/raw/registry/pods/default/new-1').buffer(),
);
const other = await openEtcdStore(deps);
await watchLatency(store, other);
await Promise.all([store.close(), other.close()]);
raw.close();
for (const end of endings) await end();
process.exit(0);
