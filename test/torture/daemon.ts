/** One server process of the real program, as a user starts it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../helpers/wait.ts';

const startWithinMs = 60_000;

export class Daemon {
  readonly #dataDir: string;
  readonly #flags: readonly string[];
  #process: ChildProcess | undefined;
  /** Where it answers; undefined while it does not. */
  url: string | undefined;

  constructor(dataDir: string, flags: readonly string[]) {
    this.#dataDir = dataDir;
    this.#flags = flags;
  }

  async start(): Promise<void> {
    const record = join(this.#dataDir, 'daemon.json');
    rmSync(record, { force: true });
    const args = ['bin/kubecfg.js', 'daemon', '--roles', 'apiserver', '--runtime', 'hollow', '--port', '0'];
    const log = openSync(`${this.#dataDir}.log`, 'a');
    const child = spawn(process.execPath, [...args, '--data-dir', this.#dataDir, ...this.#flags], {
      stdio: ['ignore', log, log],
      env: { ...process.env, NODE_EXTRA_CA_CERTS: '' },
    });
    closeSync(log);
    this.#process = child;
    const look = () => {
      if (child.exitCode !== null) return `it ended with ${child.exitCode}`;
      return (JSON.parse(readFileSync(record, 'utf8')) as { server: string }).server;
    };
    const seen = await waitFor(look, { withinMs: startWithinMs, what: 'the server' });
    if (!seen.startsWith('http')) throw new Error(`${seen}:\n${readFileSync(`${this.#dataDir}.log`, 'utf8')}`);
    this.url = seen;
  }

  /** SIGKILL: nothing is flushed, closed or said. */
  async kill(): Promise<void> {
    this.url = undefined;
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }
}
