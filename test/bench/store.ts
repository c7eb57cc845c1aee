/**
 * The embedded store against LMDB itself, and its figures alone: `npm run bench -- store`; an hour of churn is churn.ts.
 * Both write 1 KB values from 64 writers that each wait for the disk, in short turns, so that a busy machine slows both.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { open } from 'lmdb';
import { realClock } from '../../src/core/async/clock.ts';
import { silentLog } from '../../src/core/async/log.ts';
import { openEmbeddedStore, type Store, type StoreEvent } from '../../src/core/store/index.ts';

const turns = 15;
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
    const key = `/registry/swapped/${writer}-${n}`;
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

/** Writes come at their own times, whether those before were answered or not. */
async function watchLatencyUnderLoad(store: Store): Promise<void> {
  const perSecond = 500;
  const seconds = 6;
  const begun = new Map<string, number>();
  const told: number[] = [];
  const events = (_: number, [event]: readonly StoreEvent[]) => {
    if (event?.type === 'put') told.push(performance.now() - begun.get(event.kv.key)!);
  };
  const watch = store.watch({ prefix: '/registry/' }, { events, error: console.error });
  const start = performance.now();
  const writes: Promise<unknown>[] = [];
  for (let n = 0; n < perSecond * seconds; n++) {
    // A timer wakes a millisecond late at most; looking all the time would take the processor from those that are measured.
    const wait = start + (n * 1000) / perSecond - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const key = `/registry/load/${n}`;
    begun.set(key, performance.now());
    writes.push(store.txn({ then: [{ type: 'put', key, value }] }));
  }
  await Promise.all(writes);
  watch.close();
  const [p50, p99] = [median(told).toFixed(2), quantile(told, 0.99).toFixed(2)];
  console.log(`write to watcher at ${perSecond} writes/s: ${p50} ms (p99 ${p99}; wanted: 3)`);
}

const manyKeys = 100_000;
const fill = (store: Store) =>
  Promise.all(
    Array.from({ length: manyKeys }, (_, i) =>
      store.txn({ then: [{ type: 'put', key: `/registry/pods/default/pod-${i}`, value: Buffer.from(value) }] }),
    ),
  );

/** In a process of its own, whose memory is that of the store alone. */
async function opening(dir: string): Promise<void> {
  const store = await openEmbeddedStore({ dir, clock: realClock, log: silentLog });
  await fill(store);
  await store.close();
  const { status } = spawnSync(process.execPath, [...process.execArgv, process.argv[1]!, 'open', dir], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('the store could not be opened');
}

async function openAndList(dir: string): Promise<void> {
  const start = performance.now();
  const store = await openEmbeddedStore({ dir, clock: realClock, log: silentLog });
  console.log(`opening ${manyKeys} keys of 1 KB: ${Math.round(performance.now() - start)} ms (wanted: 1,500)`);
  const listStart = performance.now();
  const { kvs } = await store.range({ prefix: '/registry/pods/' });
  const listed = performance.now() - listStart;
  console.log(`memory of that process: ${Math.round(process.memoryUsage().rss / 1024 ** 2)} MB (wanted: 400)`);
  console.log(`listing ${kvs.length} keys: ${listed.toFixed(1)} ms`);
  await store.close();
}

/** How long writes take while the history of 100,000 objects is given up, beside how long they take otherwise. */
async function compactionPause(dir: string): Promise<void> {
  const store = await openEmbeddedStore({ dir, clock: realClock, log: silentLog, compactionKeepRevisions: 1e9 });
  await fill(store);
  await fill(store); // as much garbage as there are objects
  let until = performance.now() + 1_000;
  const isOver = () => performance.now() > until;
  const cas = casWriter(store);
  const quiet = await longestWrite(cas, isOver);

  let done = false;
  const begun = performance.now();
  const compaction = store.compact(store.revision).then(() => {
    done = true;
  });
  until = Number.POSITIVE_INFINITY;
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const busy = await longestWrite(cas, () => done);
  loop.disable();
  await compaction;
  const took = Math.round(performance.now() - begun);
  console.log(`compaction of ${manyKeys} versions among ${manyKeys} objects, ${writers} writers: ${took} ms`);
  const ms = ({ longest, p99 }: { longest: number; p99: number }) => `${longest.toFixed(1)} ms (p99 ${p99.toFixed(1)})`;
  console.log(`the longest write meanwhile: ${ms(busy)}, without a compaction ${ms(quiet)} (wanted: 50 more)`);
  console.log(`the event loop was held up for at most ${(loop.max / 1e6).toFixed(1)} ms`);
  await store.close();
}

async function longestWrite(
  cas: (writer: number) => Promise<void>,
  isOver: () => boolean,
): Promise<{ longest: number; p99: number }> {
  const took: number[] = [];
  const run = async (writer: number) => {
    while (!isOver()) {
      const start = performance.now();
      await cas(writer);
      took.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => run(writer)));
  return { longest: quantile(took, 1 - 1 / took.length), p99: quantile(took, 0.99) };
}

async function inDir(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'kubecfg-bench-store-'));
  try {
    await work(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

if (process.argv[2] === 'open') await openAndList(process.argv[3]!);
else {
  await inDir(compareWithLmdb);
  await inDir(async (dir) => {
    const store = await openEmbeddedStore({ dir, clock: realClock, log: silentLog });
    await watchLatency(store, 'on disk');
    await watchLatencyUnderLoad(store);
    await store.close();
  });
  const memory = await openEmbeddedStore({ clock: realClock, log: silentLog });
  await watchLatency(memory, 'in memory');
  await memory.close();
  await inDir(opening);
  await inDir(compactionPause);
}
