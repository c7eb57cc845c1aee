/**
 * The API server over HTTP beside a bare node:http server that sends, or reads, the same bytes: one process each, and
 * this one for the clients. Shares are given by rate and by processor time, which other load on the machine does not
 * distort; each figure is the median of three rounds or more. Needs `npm run build`.
 *
 *     npm run bench -- apiserver
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load, once as onlyOnce, openWatches, repeat, request } from './apiserver/load.ts';
import { measureMemory } from './apiserver/memory.ts';
import { createPods, podName, podsPath, reportPods } from './apiserver/pods.ts';
import { endAll, type Figures, medianOf, Subject, say, sayShares, whole } from './apiserver/subject.ts';

const pods = 5000;
const clients = 64;
const secondsPerTurn = 0.5;
const turns = 7;
const watchers = 200;
const updates = 500;

const onePod = `${podsPath}/${podName('kept', 42)}`;
const allPods = '/api/v1/pods';
const somePods = `${podsPath}?labelSelector=slot%3D42`;
const thousandPods = `${podsPath}?limit=1000`;
const table = { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };

const dir = mkdtempSync(join(tmpdir(), 'bench-apiserver-'));
const ours = await Subject.start('server.ts', join(dir, 'store'));
let bare = ours;

try {
  await fill();
  bare = await Subject.start('bare.ts', String(ours.port), onePod, allPods, somePods, `${thousandPods}#Table`);
  await reads();
  await writes();
  await fanOuts();
  await measureMemory(join(dir, 'daemon'));
} finally {
  endAll();
  rmSync(dir, { recursive: true, force: true });
}

/** The last pods stay. */
async function fill(): Promise<void> {
  for (const set of ['cold', 'warm', 'kept']) {
    const { perSecond, cpuUs } = await ours.measure((port) => load(port, clients, createPods(set, pods)));
    say(`durable CREATE, ${clients} clients, ${set}`, `${whole(perSecond)} pods/s, processor ${cpuUs.toFixed(0)} µs`);
    if (set !== 'kept') await load(ours.port, 1, onlyOnce(request('DELETE', `${podsPath}?labelSelector=set%3D${set}`)));
  }
}

async function reads(): Promise<void> {
  const get = (path: string, connections: number, headers = {}) => {
    const bytes = request('GET', path, '', headers);
    return (port: number) => load(port, connections, repeat(bytes, secondsPerTurn));
  };
  await compare(`GET one pod, ${clients} clients`, 'req/s', get(onePod, clients));
  await compare(`LIST ${whole(pods)} pods, 4 clients`, 'req/s', get(allPods, 4));
  await compare('LIST the 1 % with a label, 4 clients', 'req/s', get(somePods, 4));
  await compare('Table of 1,000 pods, 4 clients', 'req/s', get(thousandPods, 4, table));
}

async function writes(): Promise<void> {
  let set = 0;
  await compare(`durable CREATE, ${clients} clients`, 'pods/s', (port) =>
    load(port, clients, createPods(`more${set++}`, 2000)),
  );
  await compare(`durable PATCH of status, ${clients} clients`, 'pods/s', (port) =>
    load(port, clients, reportPods('kept', pods, 3000)),
  );
}

/** In turns, so that a busy moment of the machine falls on both; the first one warms up. */
async function compare(what: string, unit: string, run: Parameters<Subject['measure']>[0]): Promise<void> {
  const figures: { ours: Figures[]; bare: Figures[] } = { ours: [], bare: [] };
  for (let turn = 0; turn <= turns; turn++) {
    figures.ours[turn] = await ours.measure(run);
    figures.bare[turn] = await bare.measure(run);
  }
  sayShares(what, unit, medianOf(figures.ours.slice(1)), medianOf(figures.bare.slice(1)));
}

/** Every watcher gets every update; a GET in between must not wait long. */
async function fanOuts(): Promise<void> {
  const writers = 16;
  const fromNow = `${podsPath}?watch=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan`;
  const trigger = request('POST', `/fan-out?${updates}&${writers}`);
  const report = () => load(ours.port, writers, reportPods('kept', pods, updates));
  const figures: { ours: Figures[]; bare: Figures[] } = { ours: [], bare: [] };
  for (let turn = 0; turn < 3; turn++) {
    figures.ours.push(await fanOut(ours, fromNow, report));
    figures.bare.push(await fanOut(bare, '/watch', () => load(bare.port, 1, onlyOnce(trigger))));
  }
  const what = `${watchers} watchers × ${updates} updates`;
  sayShares(what, 'events/s', medianOf(figures.ours), medianOf(figures.bare));

  const times: number[] = [];
  for (let turn = 0; turn < 3; turn++) {
    let busy = true;
    const gets = load(
      ours.port,
      4,
      () => (busy ? request('GET', onePod) : undefined),
      (ms) => times.push(ms),
    );
    await fanOut(ours, fromNow, report);
    busy = false;
    await gets;
  }
  times.sort((a, b) => a - b);
  const at = (quantile: number) => `${times[Math.floor(quantile * (times.length - 1))]?.toFixed(1)} ms`;
  say('GET meanwhile, 4 clients', `p99 ${at(0.99)}, median ${at(0.5)} of ${whole(times.length)}`);
}

/** Ends when every watcher has all: what got lost would be waited for in vain. */
function fanOut(subject: Subject, path: string, trigger: () => Promise<unknown>): Promise<Figures> {
  return subject.measure(async (port) => {
    const watches = await openWatches(port, watchers, path);
    const begun = performance.now();
    await Promise.all([watches.arrived(updates), trigger()]);
    const seconds = (performance.now() - begun) / 1000;
    watches.close();
    return { count: watchers * updates, seconds };
  });
}
