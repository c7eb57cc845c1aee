/**
 * The API server over HTTP beside a bare node:http server that sends the same bytes: one process each, and this one for
 * the clients. Shares are given by rate and by processor time, which other load on the machine does not distort.
 *
 *     npm run bench -- apiserver
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load, once as onlyOnce, openWatches, type Rate, repeat, request } from './apiserver/load.ts';

const pods = 5000;
const clients = 64;
const seconds = 4;
const turns = 8;
const watchers = 200;
const podsPath = '/api/v1/namespaces/default/pods';
const children: ChildProcess[] = [];

interface Figures {
  readonly perSecond: number;
  readonly cpuUs: number;
}

/** A server in a process of its own. */
class Subject {
  readonly port: number;
  readonly #child: ChildProcess;

  constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.#child = child;
  }

  static async start(file: string, ...args: string[]): Promise<Subject> {
    const child = fork(join(import.meta.dirname, 'apiserver', file), args, { execArgv: ['--import', 'tsx'] });
    children.push(child);
    const [port] = await once(child, 'message');
    return new Subject(port, child);
  }

  async measure(run: (port: number) => Promise<Rate>): Promise<Figures> {
    const before = await this.#cpuUs();
    const { count, seconds: took } = await run(this.port);
    return { perSecond: count / took, cpuUs: ((await this.#cpuUs()) - before) / count };
  }

  async #cpuUs(): Promise<number> {
    this.#child.send('cpu');
    const [{ user, system }] = await once(this.#child, 'message');
    return user + system;
  }
}

const say = (what: string, text: string) => console.log(`${what.padEnd(36)} ${text}`);
const whole = (n: number) => Math.round(n).toLocaleString('en-US');
const percent = (part: number, of: number) => `${Math.round((100 * part) / of)} %`;

function mean(figures: Figures[]): Figures {
  const of = (pick: (f: Figures) => number) => figures.reduce((sum, f) => sum + pick(f), 0) / figures.length;
  return { perSecond: of((f) => f.perSecond), cpuUs: of((f) => f.cpuUs) };
}

function sayShares(what: string, unit: string, ours: Figures, bare: Figures): void {
  const rate = `${whole(ours.perSecond)} ${unit}, bare ${whole(bare.perSecond)}: ${percent(ours.perSecond, bare.perSecond)}`;
  const cpu = `processor ${ours.cpuUs.toFixed(1)} µs, bare ${bare.cpuUs.toFixed(1)} µs: ${percent(bare.cpuUs, ours.cpuUs)}`;
  say(what, `${rate}; ${cpu}`);
}

/** Pods of a label and a name that begins with it. */
function creates(set: string, count: number): () => Buffer | undefined {
  let n = 0;
  const container = { name: 'web', image: 'nginx:1.27', ports: [{ containerPort: 80 }] };
  return () => {
    if (n === count) return undefined;
    const metadata = { name: `${set}-${String(n++).padStart(6, '0')}`, labels: { app: 'web', set } };
    return request('POST', podsPath, JSON.stringify({ metadata, spec: { containers: [container] } }));
  };
}

async function compare(what: string, path: string, connections: number): Promise<void> {
  const run = (port: number) => load(port, connections, repeat(request('GET', path), seconds / turns));
  const figures: { ours: Figures[]; bare: Figures[] } = { ours: [], bare: [] };
  // In turns, so that a busy moment of the machine falls on both; the first one warms up.
  for (let turn = 0; turn <= turns; turn++) {
    figures.ours[turn] = await ours.measure(run);
    figures.bare[turn] = await bare.measure(run);
  }
  sayShares(what, 'req/s', mean(figures.ours.slice(1)), mean(figures.bare.slice(1)));
}

/** Events delivered to all watchers of `path` while `trigger` makes them. */
function fanOut(subject: Subject, path: string, events: number, trigger: () => Promise<unknown>): Promise<Figures> {
  return subject.measure(async (port) => {
    const watches = await openWatches(port, watchers, path);
    const begun = performance.now();
    await Promise.all([watches.arrived(watchers * events), trigger()]);
    const took = (performance.now() - begun) / 1000;
    watches.close();
    return { count: watchers * events, seconds: took };
  });
}

const dir = mkdtempSync(join(tmpdir(), 'bench-apiserver-'));
const ours = await Subject.start('server.ts', dir);
let bare = ours;
try {
  for (const set of ['cold', 'warm', 'kept']) {
    const { perSecond, cpuUs } = await ours.measure((port) => load(port, clients, creates(set, pods)));
    say(`durable CREATE, ${clients} clients, ${set}`, `${whole(perSecond)} pods/s, processor ${cpuUs.toFixed(0)} µs`);
    if (set !== 'kept') await load(ours.port, 1, onlyOnce(request('DELETE', `${podsPath}?labelSelector=set%3D${set}`)));
  }

  const [onePod, allPods] = [`${podsPath}/kept-000042`, '/api/v1/pods'];
  bare = await Subject.start('bare.ts', String(ours.port), onePod, allPods);
  await compare(`GET one pod, ${clients} clients`, onePod, clients);
  await compare(`LIST ${pods} pods, 4 clients`, allPods, 4);

  const [events, creators] = [1000, 16];
  const fromNow = `${podsPath}?watch=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan`;
  const trigger = request('POST', `/fan-out?${events}&${creators}`);
  sayShares(
    `${watchers} watchers, ${creators} create pods`,
    'events/s',
    await fanOut(ours, fromNow, events, () => load(ours.port, creators, creates('watched', events))),
    await fanOut(bare, '/watch', events, () => load(bare.port, 1, onlyOnce(trigger))),
  );
} finally {
  for (const child of children) child.kill();
  rmSync(dir, { recursive: true, force: true });
}
