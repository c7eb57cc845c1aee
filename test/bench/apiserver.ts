/**
 * The API server over HTTP beside a bare node:http server that sends the same bytes: one process each, and this one for
 * the clients. `npm run bench -- apiserver`
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load, openWatches, type Rate, repeat, request } from './apiserver/load.ts';

const pods = 5000;
const creators = 64;
const seconds = 3;

/** A server in a process of its own. */
class Subject {
  readonly port: number;
  readonly child: ChildProcess;
  constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.child = child;
  }

  static async start(file: string, ...args: string[]): Promise<Subject> {
    const child = fork(join(import.meta.dirname, 'apiserver', file), args, { execArgv: ['--import', 'tsx'] });
    children.push(child);
    const [port] = await once(child, 'message');
    return new Subject(port, child);
  }

  /** Requests per second, and the processor time the server took for each, which other load does not distort. */
  async measure(run: (port: number) => Promise<Rate>): Promise<{ perSecond: number; cpuUs: number }> {
    const before = await this.#cpuUs();
    const { requests, seconds: took } = await run(this.port);
    return { perSecond: requests / took, cpuUs: ((await this.#cpuUs()) - before) / requests };
  }

  async #cpuUs(): Promise<number> {
    this.child.send('cpu');
    const [{ user, system }] = await once(this.child, 'message');
    return user + system;
  }
}
const children: ChildProcess[] = [];

const say = (what: string, text: string) => console.log(`${what.padEnd(34)} ${text}`);
const round = (n: number) => Math.round(n).toLocaleString('en-US');

function podBody(name: string): string {
  const container = { name: 'web', image: 'nginx:1.27', ports: [{ containerPort: 80 }] };
  return JSON.stringify({
    metadata: { name, labels: { app: 'web', set: name.split('-')[0] } },
    spec: { containers: [container] },
  });
}

function creates(prefix: string, count: number): () => Buffer | undefined {
  let n = 0;
  const path = '/api/v1/namespaces/default/pods';
  return () => (n < count ? request('POST', path, podBody(`${prefix}-${String(n++).padStart(6, '0')}`)) : undefined);
}

async function compare(what: string, path: string, connections: number): Promise<void> {
  const bytes = request('GET', path);
  const run = (port: number) => load(port, connections, repeat(bytes, seconds));
  await ours.measure(run);
  const [bareRate, ourRate] = [await bare.measure(run), await ours.measure(run)];
  say(what, shares(ourRate, bareRate, 'req/s'));
}

type Measured = { perSecond: number; cpuUs: number };

function shares(ourRate: Measured, bareRate: Measured, unit: string): string {
  const percent = (part: number, whole: number) => `${Math.round((100 * part) / whole)} %`;
  return [
    `${round(ourRate.perSecond)} ${unit}, bare ${round(bareRate.perSecond)}: ${percent(ourRate.perSecond, bareRate.perSecond)}`,
    `by processor time ${ourRate.cpuUs.toFixed(1)} µs, bare ${bareRate.cpuUs.toFixed(1)} µs: ${percent(bareRate.cpuUs, ourRate.cpuUs)}`,
  ].join('; ');
}

/** Events delivered to 200 watchers, one event per request or turn. */
function fanOut(subject: Subject, path: string, events: number, trigger: () => Promise<unknown>): Promise<Measured> {
  return subject.measure(async (port) => {
    const watches = await openWatches(port, 200, path);
    const begun = performance.now();
    const arrived = watches.arrived(200 * events);
    await Promise.all([trigger(), arrived]);
    const took = (performance.now() - begun) / 1000;
    watches.close();
    return { requests: 200 * events, seconds: took, bytes: 0 };
  });
}

function once1(bytes: Buffer): () => Buffer | undefined {
  let sent = false;
  return () => {
    if (sent) return undefined;
    sent = true;
    return bytes;
  };
}

const dir = mkdtempSync(join(tmpdir(), 'bench-apiserver-'));
const paths = { get: '/api/v1/namespaces/default/pods/load0-000042', list: '/api/v1/pods' };
const ours = await Subject.start('server.ts', dir);
let bare = ours;
try {
  for (let i = 0; i < 3; i++) {
    const { perSecond, cpuUs } = await ours.measure((port) => load(port, creators, creates(`load${i}`, pods)));
    say(`durable CREATE, ${creators} clients`, `${round(perSecond)} pods/s, ${cpuUs.toFixed(0)} µs of processor each`);
    if (i > 0)
      await load(
        ours.port,
        1,
        once1(request('DELETE', `/api/v1/namespaces/default/pods?labelSelector=set%3Dload${i}`)),
      );
  }
  bare = await Subject.start('bare.ts', String(ours.port), ...Object.values(paths));
  await compare('GET one pod, 64 clients', paths.get, 64);
  await compare(`LIST ${pods} pods, 4 clients`, paths.list, 4);

  const events = 500;
  const ourRate = await fanOut(
    ours,
    '/api/v1/pods?watch=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan',
    events,
    () => load(ours.port, 1, creates('watched', events)),
  );
  const bareRate = await fanOut(bare, '/watch', events, () =>
    load(bare.port, 1, once1(request('POST', `/fan-out?events=${events}`))),
  );
  say('200 watchers, created pods', shares(ourRate, bareRate, 'events/s'));
} finally {
  for (const child of children) child.kill();
  rmSync(dir, { recursive: true, force: true });
}
