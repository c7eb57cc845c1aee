/** What many pods cost the program itself: the built daemon with the API server alone. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load, once, request } from './load.ts';
import { createLargePods } from './pods.ts';
import { median, say, whole } from './subject.ts';

const pods = 30_000;
const program = 'bin/kubecfg.js';

export async function measureMemory(dir: string): Promise<void> {
  const args = ['daemon', '--roles', 'apiserver', '--runtime', 'hollow', '--num-instances', '0', '--port', '0'];
  const daemon = spawn(process.execPath, [program, ...args, '--data-dir', dir], { stdio: 'ignore' });
  try {
    const port = await portOf(join(dir, 'daemon.json'));
    const rss = () => `${whole(residentMB(daemon.pid ?? 0))} MB`;
    const empty = rss();
    const { seconds } = await load(port, 64, createLargePods('large', pods));
    await idle();
    const filled = rss();

    const list = request('GET', '/api/v1/pods');
    const times: number[] = [];
    for (let i = 0; i < 3; i++) await load(port, 1, once(list), (ms) => times.push(ms));
    await idle();
    say(`${whole(pods)} pods of 3.5 KB`, `RSS ${filled}, ${rss()} after three lists of them; empty ${empty}`);
    const shown = times.map((ms) => whole(ms)).join(', ');
    say(`LIST ${whole(pods)} pods`, `${whole(median(times))} ms (${shown}); created in ${seconds.toFixed(1)} s`);
  } finally {
    daemon.kill();
  }
}

/** The record that the daemon writes when it serves. */
async function portOf(file: string): Promise<number> {
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
  return Number(new URL(JSON.parse(readFileSync(file, 'utf8')).server).port);
}

/** As a server is some seconds after the load. */
const idle = () => new Promise((resolve) => setTimeout(resolve, 3000));

function residentMB(pid: number): number {
  const [, kB] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kB) / 1024;
}
