/**
 * The API server over HTTP beside a bare node:http server that sends the same bytes: one process each, and this one for
 * the clients. `npm run bench -- apiserver`
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load, openWatches, type Rate, repeat, request } from './apiserver/load.ts';

const pods = 5000;
const creators = 64;
const seconds = 3;
const children: ChildProcess[] = [];

async function start(file: string, ...args: string[]): Promise<number> {
  const script = join(import.meta.dirname, 'apiserver', file);
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = await once(child.stdout!, 'data');
  return Number(String(line));
}

const perSecond = ({ requests, seconds: took }: Rate) => requests / took;
const say = (what: string, text: string) => console.log(`${what.padEnd(34)} ${text}`);
const round = (n: number) => Math.round(n).toLocaleString('en-US');

function podBody(name: string): string {
  const container = { name: 'web', image: 'nginx:1.27', ports: [{ containerPort: 80 }] };
  return JSON.stringify({ metadata: { name, labels: { app: 'web' } }, spec: { containers: [container] } });
}

function creates(prefix: string, count: number): () => Buffer | undefined {
  let n = 0;
  const path = '/api/v1/namespaces/default/pods';
  return () => (n < count ? request('POST', path, podBody(`${prefix}-${String(n++).padStart(6, '0')}`)) : undefined);
}

async function compare(what: string, path: string, connections: number): Promise<void> {
  const bytes = request('GET', path);
  // In turns, so that a busy moment of the machine does not fall on one of them alone.
  const rates = { ours: 0, bare: 0 };
  for (let round = 0; round < 2; round++) {
    rates.bare += perSecond(await load(bare, connections, repeat(bytes, seconds / 2))) / 2;
    rates.ours += perSecond(await load(ours, connections, repeat(bytes, seconds / 2))) / 2;
  }
  const share = Math.round((100 * rates.ours) / rates.bare);
  say(what, `${round(rates.ours)} req/s, bare ${round(rates.bare)} req/s: ${share} %`);
}

async function fanOut(port: number, events: number, trigger: () => Promise<unknown>): Promise<number> {
  const watches = await openWatches(
    port,
    200,
    port === bare ? '/watch' : '/api/v1/pods?watch=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan',
  );
  const begun = performance.now();
  const arrived = watches.arrived(200 * events);
  await trigger();
  await arrived;
  const rate = (200 * events) / ((performance.now() - begun) / 1000);
  watches.close();
  return rate;
}

const dir = mkdtempSync(join(tmpdir(), 'bench-apiserver-'));
const ours = await start('server.ts', dir);
let bare = 0;
try {
  const created = await load(ours, creators, creates('load', pods));
  say(`durable CREATE, ${creators} clients`, `${round(perSecond(created))} pods/s`);
  const again = await load(ours, creators, creates('warm', pods));
  say('the same again, warm', `${round(perSecond(again))} pods/s`);
  await load(ours, creators, deletes('warm', pods));

  const paths = { get: '/api/v1/namespaces/default/pods/load-000042', list: '/api/v1/pods' };
  bare = await start('bare.ts', String(ours), ...Object.values(paths));
  await compare('GET one pod, 64 clients', paths.get, 64);
  await compare(`LIST ${pods} pods, 4 clients`, paths.list, 4);

  const events = 500;
  const bareRate = await fanOut(bare, events, () => load(bare, 1, once1(request('POST', `/fan-out?events=${events}`))));
  const ourRate = await fanOut(ours, events, () => load(ours, 16, creates('watched', events)));
  const share = Math.round((100 * ourRate) / bareRate);
  say('200 watchers, created pods', `${round(ourRate)} events/s, bare ${round(bareRate)} events/s: ${share} %`);
} finally {
  for (const child of children) child.kill();
  rmSync(dir, { recursive: true, force: true });
}

function deletes(prefix: string, count: number): () => Buffer | undefined {
  let n = 0;
  const path = `/api/v1/namespaces/default/pods/${prefix}`;
  return () => (n < count ? request('DELETE', `${path}-${String(n++).padStart(6, '0')}`) : undefined);
}

function once1(bytes: Buffer): () => Buffer | undefined {
  let sent = false;
  return () => {
    if (sent) return undefined;
    sent = true;
    return bytes;
  };
}
