/**
 * The etcd member of a machine: a real etcd that finds the others through a discovery URL and speaks TLS with both sides
 * authenticated. It outlives the process that started it, and is started again when it ends.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { Backoff } from '../../async/backoff.ts';
import type { Clock, Timer } from '../../async/clock.ts';
import { detachedPid, startDetached, stopDetached } from '../../async/detached.ts';
import type { Logger } from '../../async/log.ts';
import type { Random } from '../../async/random.ts';
import type { Running } from '../../async/running.ts';
import { type EtcdFiles, isHealthy } from './membership.ts';

export interface EtcdMemberOptions {
  /** That of the machine: members of one cluster must not share one. */
  name: string;
  address: string;
  /** Holds data, pid file and log of this member. */
  dir: string;
  /** Asked only when the directory holds no member. */
  discovery: string;
  /** Files in PEM; the certificate serves clients and peers, and is shown to peers. */
  files: EtcdFiles;
  clock: Clock;
  random: Random;
  log: Logger;
}

export const clientPort = 2379;
export const peerPort = 2380;

/** The end of a process that is not our child cannot be awaited: it is looked at. */
const lookEveryMs = 500;

export class EtcdMember implements Running {
  readonly #options: EtcdMemberOptions;
  readonly #backoff: Backoff;
  #timer: Timer | undefined;
  #stopped = false;

  private constructor(options: EtcdMemberOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ clock: options.clock, random: options.random, initialMs: 500, maxMs: 30_000 });
  }

  /**
   * Resolves when the member serves clients, which it does once it belongs to a cluster with a leader: as many others as
   * that takes must have come. Rejects with etcd's own words when it ends, and leaves nothing of a member that never was.
   */
  static async start(options: EtcdMemberOptions, signal: AbortSignal): Promise<EtcdMember> {
    const member = new EtcdMember(options);
    const isNew = !member.#exists();
    mkdirSync(options.dir, { recursive: true, mode: 0o700 });
    try {
      member.#launch();
      await member.#serving(signal);
      // Its first line tells the discovery URL, and with it the secret.
      if (isNew) truncateSync(member.#log);
    } catch (error) {
      await stopDetached(member.#pidFile, 1_000);
      if (isNew) rmSync(options.dir, { recursive: true, force: true });
      throw error;
    }
    member.#watch();
    return member;
  }

  /** Ends the member: for a machine that does not stay in the cluster. */
  async stop(): Promise<void> {
    this.leaveRunning();
    await stopMember(this.#options.dir);
  }

  /** It goes on without us, and the next start takes it over. */
  leaveRunning(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  get #pidFile() {
    return pidFileIn(this.#options.dir);
  }
  get #log() {
    return join(this.#options.dir, 'etcd.log');
  }

  #exists(): boolean {
    return existsSync(join(this.#options.dir, 'member'));
  }

  #launch(): void {
    // The discovery URL holds the secret of the cluster, and command lines are for everybody to read.
    const env = { ...process.env, ...(this.#exists() ? {} : { ETCD_DISCOVERY: this.#options.discovery }) };
    startDetached({ command: ['etcd', ...this.#flags()], pidFile: this.#pidFile, log: this.#log, env });
  }

  #flags(): string[] {
    const { name, address, dir, files } = this.#options;
    const peer = `https://${address}:${peerPort}`;
    const client = `https://${address}:${clientPort}`;
    return [
      ...['--name', name, '--data-dir', dir, '--logger', 'zap', '--log-level', 'warn'],
      ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
      ...['--listen-client-urls', `${client},https://127.0.0.1:${clientPort}`, '--advertise-client-urls', client],
      ...['--cert-file', files.certificate, '--key-file', files.key],
      ...['--trusted-ca-file', files.ca, '--client-cert-auth'],
      ...['--peer-cert-file', files.certificate, '--peer-key-file', files.key],
      ...['--peer-trusted-ca-file', files.ca, '--peer-client-cert-auth'],
      // One that comes too late must not become a proxy of the old API.
      ...(this.#exists() ? [] : ['--discovery-fallback', 'exit']),
    ];
  }

  async #serving(signal: AbortSignal): Promise<void> {
    while (!(await isHealthy(`https://127.0.0.1:${clientPort}`, this.#options.files, signal))) {
      signal.throwIfAborted();
      if (detachedPid(this.#pidFile) === undefined) throw new Error(`etcd ended: ${lastWords(this.#log)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  #watch(): void {
    const { clock, log, name } = this.#options;
    if (this.#stopped) return;
    const isAlive = detachedPid(this.#pidFile) !== undefined;
    const waitMs = isAlive ? lookEveryMs : this.#backoff.next(name);
    if (!isAlive) log.error(`etcd ended: ${lastWords(this.#log)}; starting it again in ${Math.round(waitMs)} ms`);
    this.#timer = clock.after(waitMs, () => {
      if (!isAlive) this.#launch();
      this.#watch();
    });
  }
}

const pidFileIn = (dir: string) => join(dir, 'etcd.pid');

/** Whether the directory holds a member, or one that waits for its fellows. */
export function holdsMember(dir: string): boolean {
  return existsSync(join(dir, 'member')) || detachedPid(pidFileIn(dir)) !== undefined;
}

/** Ends the member of a directory, if it runs. */
export function stopMember(dir: string): Promise<void> {
  return stopDetached(pidFileIn(dir), 10_000);
}

/** What etcd said last that a person can use. Its log is a JSON object a line; what it says of its environment is secret. */
function lastWords(file: string): string {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-20).reverse();
  for (const line of lines.filter((text) => !text.includes('ETCD_DISCOVERY'))) {
    try {
      const { level, msg, error } = JSON.parse(line) as { level?: string; msg?: string; error?: string };
      if (error || level === 'fatal' || level === 'error') return [msg, error].filter(Boolean).join(': ');
    } catch {
      if (line.trim()) return line.trim();
    }
  }
  return 'it said nothing';
}
