/**
 * The embedded store against LMDB itself: `node --import tsx test/bench/store.ts [turns]`.
 * Both write 1 KB values from 64 writers that each wait for the disk, in short turns, so that a busy machine slows both.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { realClock } from '../../src/core/async/clock.ts';
import { silentLog } from '../../src/core/async/log.ts';
import { openEmbeddedStore, type Store } from '../../src/core/store/index.ts';

const turns = Number(process.argv[2] ?? 15);
const turnMs = 200;
const writers = 64;
const value = Buffer.alloc(1024, 'x');

interface Measured {
  perSecond: number;
  /** Processor time of all threads. */
  cpuUs: number;
  /** Share of the time that the event loop was busy. */
  busy: number;
}

/** Runs `write` in all writers, one after another in each, for the given time. */
async function measure(write: (writer: number) => Promise<unknown>): Promise<Measured> {
  let writes = 0;
  const [start, cpu, loop] = [performance.now(), process.cpuUsage(), performance.eventLoopUtilization()];
  const end = start + turnMs;
  const run = async (writer: number) => {
    for (; performance.now() < end; writes++) await write(writer);
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => run(writer)));
  const used = process.cpuUsage(cpu);
  return {
    perSecond: writes / ((performance.now() - start) / 1000),
    cpuUs: (used.user + used.system) / writes,
    busy: performance.eventLoopUtilization(loop).utilization,
  };
}

/** The least that group commit on LMDB takes: one put of one value per write, one transaction per flush. */
function rawGroupCommit(dir: string) {
  const db = open<Buffer, Buffer>({
    path: join(dir, 'raw.mdb'),
    encoding: 'binary',
    keyEncoding: 'binary',
    overlappingSync: false,
    eventTurnBatching: false,
    mapSize: 8 * 1024 ** 3,
  });
  let revision = 0;
  let waiting: (() => void)[] = [];
  let flushing = false;
  const flush = async () => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await db.batch(() => {
        for (let i = 0; i < batch.length; i++) {
          const key = Buffer.allocUnsafe(40).fill('k');
          key.writeDoubleBE(++revision);
          db.put(key, Buffer.from(value));
        }
      });
      for (const resolve of batch) resolve();
    }
    flushing = false;
  };
  const write = () =>
    new Promise<void>((resolve) => {
      waiting.push(resolve);
      if (!flushing) setImmediate(flush);
      flushing = true;
    });
  return { write, close: () => db.close() };
}

/** Each writer swaps one of its own keys, on the condition that it is as that writer left it. */
function casWriter(store: Store) {
  const keysEach = 100;
  const revisions = Array.from({ length: writers }, () => new Array<number>(keysEach).fill(0));
  const writes = new Array<number>(writers).fill(0);
  return async (writer: number) => {
    const n = writes[writer]!++ % keysEach;
    const key = `/registry/pods/default/web-${writer}-${n}`;
    const { succeeded, revision } = await store.txn({
      compare: [{ key, target: 'mod', is: '=', value: revisions[writer]![n]! }],
      then: [{ type: 'put', key, value: Buffer.from(value) }],
    });
    if (!succeeded) throw new Error(`${key} was not as its only writer left it`);
    revisions[writer]![n] = revision;
  };
}

const quantile = (all: number[], q: number) => [...all].sort((a, b) => a - b)[Math.floor(all.length * q)]!;
const median = (all: number[]) => quantile(all, 0.5);

function print(what: string, measured: Measured[]): void {
  const rate = Math.round(median(measured.map((m) => m.perSecond))).toLocaleString('en');
  const cpu = median(measured.map((m) => m.cpuUs)).toFixed(1);
  const busy = Math.round(median(measured.map((m) => m.busy)) * 100);
  console.log(`${what}: ${rate}/s, ${cpu} µs of processor each, event loop ${busy} % busy`);
}

async function compareWithLmdb(dir: string): Promise<void> {
  const raw = rawGroupCommit(dir);
  const store = await openEmbeddedStore({ dir, clock: realClock, log: silentLog });
  const cas = casWriter(store);
  const rates: { raw: Measured; cas: Measured }[] = [];
  for (let turn = 0; turn < turns; turn++) rates.push({ raw: await measure(raw.write), cas: await measure(cas) });
  print(
    `LMDB alone, group commit, ${writers} writers`,
    rates.map(({ raw }) => raw),
  );
  print(
    `store, compare-and-swap, ${writers} writers`,
    rates.map(({ cas }) => cas),
  );
  const ratios = rates.map(({ raw, cas }) => cas.perSecond / raw.perSecond);
  const [low, middle, high] = [0.25, 0.5, 0.75].map((q) => quantile(ratios, q).toFixed(2));
  console.log(`store to LMDB: ${middle} (half of the turns from ${low} to ${high}; wanted: 0.50)`);
  await raw.close();
  await store.close();
}

/** From the call of txn to the listener and to the answer, one write at a time. */
async function watchLatency(store: Store, what: string): Promise<void> {
  const told: number[] = [];
  const answered: number[] = [];
  let start = 0;
  const watch = store.watch(
    { prefix: '/registry/' },
    { events: () => void told.push(performance.now() - start), error: console.error },
  );
  for (let i = 0; i < 500; i++) {
    start = performance.now();
    await store.txn({ then: [{ type: 'put', key: `/registry/latency/${i % 10}`, value }] });
    answered.push(performance.now() - start);
  }
  watch.close();
  const ms = (all: number[]) => `${median(all).toFixed(2)} ms (p99 ${quantile(all, 0.99).toFixed(2)})`;
  console.log(`one write ${what}: a watch is told after ${ms(told)}, the writer after ${ms(answered)}`);
}

async function opening(dir: string): Promise<void> {
  const keys = 100_000;
  let store = await openEmbeddedStore({ dir, clock: realClock, log: silentLog });
  await Promise.all(
    Array.from({ length: keys }, (_, i) =>
      store.txn({ then: [{ type: 'put', key: `/registry/pods/default/pod-${i}`, value: Buffer.from(value) }] }),
    ),
  );
  await store.close();
  const start = performance.now();
  store = await openEmbeddedStore({ dir, clock: realClock, log: silentLog });
  console.log(`opening ${keys} keys of 1 KB: ${Math.round(performance.now() - start)} ms (wanted: 1,500)`);
  const listStart = performance.now();
  const { kvs } = await store.range({ prefix: '/registry/pods/' });
  console.log(`listing ${kvs.length} keys: ${(performance.now() - listStart).toFixed(1)} ms`);
  await store.close();
}

async function inDir(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'kubecfg-bench-store-'));
  try {
    await work(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

await inDir(compareWithLmdb);
await inDir(async (dir) => {
  const store = await openEmbeddedStore({ dir, clock: realClock, log: silentLog });
  await watchLatency(store, 'on disk');
  await store.close();
});
const memory = await openEmbeddedStore({ clock: realClock, log: silentLog });
await watchLatency(memory, 'in memory');
await memory.close();
await inDir(opening);
