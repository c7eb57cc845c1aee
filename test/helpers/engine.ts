/** A Docker engine of a test's own, in a network namespace of its own, that can be stopped without disturbing anybody. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProcess } from '../../src/core/async/process.ts';
import { docker } from './program.ts';
import { waitFor } from './wait.ts';

export class PrivateEngine {
  readonly #folder = mkdtempSync(join(tmpdir(), 'kubecfg-engine-'));
  readonly socket = join(this.#folder, 'docker.sock');
  readonly #namespace = `kc-${randomBytes(3).toString('hex')}`;
  #process: ChildProcess | undefined;

  /** The value of DOCKER_HOST that reaches it. */
  get host(): string {
    return `unix://${this.socket}`;
  }

  async create(): Promise<void> {
    await runProcess('ip', ['netns', 'add', this.#namespace]);
    await runProcess('ip', ['-n', this.#namespace, 'link', 'set', 'lo', 'up']);
    await this.start();
  }

  async start(): Promise<void> {
    const log = openSync(join(this.#folder, 'log'), 'a');
    const args = [
      // Not `ip netns exec`: it mounts a /sys of its own, without the cgroups.
      `--net=/var/run/netns/${this.#namespace}`,
      'dockerd',
      `--host=${this.host}`,
      `--data-root=${join(this.#folder, 'data')}`,
      `--exec-root=${join(this.#folder, 'exec')}`,
      `--pidfile=${join(this.#folder, 'pid')}`,
    ];
    const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
    this.#process = spawn('nsenter', args, { env, stdio: ['ignore', log, log] });
    await waitFor(() => docker('GET', '/version', this.socket), { what: 'the private engine', withinMs: 20_000 });
  }

  /** Containers end with it: it runs without live-restore. */
  async stop(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    await runProcess('ip', ['netns', 'delete', this.#namespace]);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
