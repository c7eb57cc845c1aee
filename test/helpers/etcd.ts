/** A real etcd for one test: a single member or a cluster, each member a process that can be killed, paused and restarted. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from './ports.ts';

export interface EtcdOptions {
  members?: number;
  /** More flags for each member. */
  args?: readonly string[];
  /** Serve clients with this certificate and ask them for one of the same authority. The name is `localhost`. */
  tls?: { ca: string; cert: string; key: string };
}

/** What happens at the end of a test, as node:test's context has it. */
interface Ending {
  after(fn: () => Promise<void>): void;
}

export class EtcdMember {
  readonly name: string;
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly #flags: readonly string[];
  #child: ChildProcess | undefined;
  #paused = false;

  constructor(options: { name: string; url: string; port: number; dataDir: string; flags: readonly string[] }) {
    this.name = options.name;
    this.url = options.url;
    this.port = options.port;
    this.dataDir = options.dataDir;
    this.#flags = options.flags;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when the member serves clients, which it does once it belongs to a cluster with a leader. */
  async start(): Promise<void> {
    const child = spawn('etcd', [...this.#flags, '--logger=zap'], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    let log = '';
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`etcd ${this.name} ended (${code}):\n${log.slice(-2000)}`)));
      child.stderr!.setEncoding('utf8').on('data', (text: string) => {
        log = (log + text).slice(-10_000);
        if (/serving client traffic/.test(log)) resolve();
      });
    });
  }

  /** SIGKILL, and waits for the end. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || !this.running) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }

  pause(): void {
    this.#paused = true;
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    if (this.#paused) this.#child?.kill('SIGCONT');
    this.#paused = false;
  }
}

export class Etcd {
  readonly members: readonly EtcdMember[];
  readonly #folder: string;
  readonly #tls: EtcdOptions['tls'];

  constructor(members: readonly EtcdMember[], folder: string, tls: EtcdOptions['tls']) {
    this.members = members;
    this.#folder = folder;
    this.#tls = tls;
  }

  get urls(): string[] {
    return this.members.map(({ url }) => url);
  }

  /** What etcdctl prints; of a member that is down, an error. */
  async ctl(...args: string[]): Promise<string> {
    const tls = this.#tls ? ['--cacert', this.#tls.ca, '--cert', this.#tls.cert, '--key', this.#tls.key] : [];
    const endpoints = args.some((arg) => arg.startsWith('--endpoints')) ? [] : ['--endpoints', this.urls.join()];
    const env = { ...process.env, ETCDCTL_API: '3' };
    const { stdout } = await promisify(execFile)('etcdctl', [...endpoints, ...tls, ...args], { env });
    return stdout;
  }

  /** The member that leads now; throws when none of those that run does. */
  async leader(): Promise<EtcdMember> {
    for (const member of this.members.filter(({ running }) => running)) {
      const [{ Status }] = JSON.parse(
        await this.ctl('endpoint', 'status', '-w', 'json', '--endpoints', member.url),
      ) as [{ Status: { leader: number; header: { member_id: number } } }];
      if (Status.leader === Status.header.member_id) return member;
    }
    throw new Error('no member leads');
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Starts etcd and sees that it ends with the test. */
export async function startEtcd(t: Ending, options: EtcdOptions = {}): Promise<Etcd> {
  const { members: count = 1, args = [], tls } = options;
  const folder = mkdtempSync(join(tmpdir(), 'kubecfg-etcd-'));
  const ports = await freePorts(2 * count);
  const peerOf = (i: number) => `http://127.0.0.1:${ports[2 * i + 1]}`;
  const initial = Array.from({ length: count }, (_, i) => `m${i + 1}=${peerOf(i)}`).join();
  const members = Array.from({ length: count }, (_, i) => {
    const name = `m${i + 1}`;
    const port = ports[2 * i]!;
    const dataDir = join(folder, name);
    const url = tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`;
    const listen = url.replace('localhost', '127.0.0.1');
    const flags = [
      ...['--name', name, '--data-dir', dataDir, '--initial-cluster', initial],
      ...['--listen-peer-urls', peerOf(i), '--initial-advertise-peer-urls', peerOf(i)],
      ...['--listen-client-urls', listen, '--advertise-client-urls', url],
      ...(tls ? ['--cert-file', tls.cert, '--key-file', tls.key] : []),
      ...(tls ? ['--trusted-ca-file', tls.ca, '--client-cert-auth'] : []),
      ...args,
    ];
    return new EtcdMember({ name, url, port, dataDir, flags });
  });
  const etcd = new Etcd(members, folder, tls);
  t.after(() => etcd.stop());
  await Promise.all(members.map((member) => member.start()));
  return etcd;
}
