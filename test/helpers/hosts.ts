/** Hosts for a test: network namespaces on one bridge, each with a Docker engine of its own; the test runs kubecfg on them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unmountBelow } from '../../src/core/async/mounts.ts';
import { runProcess } from '../../src/core/async/process.ts';
import {
  killContainers,
  type Place,
  placeOf,
  removeCgroups,
  startEngine,
  stopEngine,
} from '../../src/core/machines/index.ts';
import {
  ensureBridge,
  ensureNamespace,
  gatewayOf,
  inNamespace,
  namespaceName,
  removeBridge,
  removeNamespace,
} from '../../src/core/network/index.ts';
import { ensureTestImage } from './images.ts';
import { containersOf, docker, type Outcome } from './program.ts';
import { waitFor } from './wait.ts';

export class Hosts {
  readonly name = `test-${randomBytes(3).toString('hex')}`;
  readonly folder = mkdtempSync(join(tmpdir(), 'kubecfg-hosts-'));
  /** Out of the way of other clusters' machines. */
  readonly net = `172.30.${randomBytes(1)[0]}.0/24`;
  readonly #hosts: Host[] = [];

  get gateway(): string {
    return gatewayOf(this.net);
  }

  async open(): Promise<void> {
    await ensureBridge({ cluster: this.name, machineNet: this.net });
  }

  async add(machine: string): Promise<Host> {
    const address = this.net.replace('.0/24', `.${101 + this.#hosts.length}`);
    const host = new Host({ cluster: this.name, machine, dir: join(this.folder, machine) }, address);
    this.#hosts.push(host);
    const at = { cluster: this.name, machine, address, prefix: 24, gateway: this.gateway };
    await ensureNamespace(at);
    await startEngine(host.place, host.inside);
    return host;
  }

  async remove(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.remove()));
    await removeBridge(this.name);
    rmSync(join('/run/kubecfg', this.name), { recursive: true, force: true });
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export class Host {
  readonly place: Place;
  readonly address: string;
  readonly dataDir: string;

  constructor(place: Place, address: string) {
    this.place = place;
    this.address = address;
    this.dataDir = placeOf(place).data;
  }

  get socket(): string {
    return placeOf(this.place).dockerSocket;
  }
  readonly inside = (command: readonly string[]): string[] =>
    inNamespace(namespaceName(this.place.cluster, this.place.machine), command);

  /** The program on this host. */
  start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
    const [program = '', ...words] = this.inside([process.execPath, 'bin/kubecfg.js', ...args]);
    const own = { HOME: this.place.dir, KUBECFG_DATA_DIR: this.dataDir, DOCKER_HOST: `unix://${this.socket}` };
    const child = spawn(program, words, { env: { ...process.env, NODE_EXTRA_CA_CERTS: '', ...own, ...env } });
    return new Running(child);
  }

  /** `join` with the flags of this host, unless others are given. */
  join(args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
    const own = {
      '--machine-name': this.place.machine,
      '--address': this.address,
      '--docker-socket': this.socket,
      '--machine-id': randomBytes(16).toString('hex'),
      '--name': this.place.cluster,
      '--data-dir': this.dataDir,
    };
    const missing = Object.entries(own).filter(([flag]) => !args.includes(flag));
    return this.start(['join', ...missing.flat(), ...args], env);
  }

  async run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    return this.start(args, env).end();
  }

  async ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(args);
    if (code !== 0) throw new Error(`kubecfg ${args.join(' ')}: exit code ${code}\n${stdout}${stderr}`);
    return stdout;
  }

  shell(command: string): Promise<string> {
    const [program = '', ...words] = this.inside(['sh', '-c', command]);
    return runProcess(program, words);
  }

  async loadImage(): Promise<void> {
    await ensureTestImage(this.socket);
  }

  /** Whatever a join may have made on this host. */
  async traces(): Promise<string[]> {
    const { cluster } = this.place;
    const texts = await Promise.all([
      this.shell('ip -4 route show'),
      this.shell('ip -o link'),
      this.shell('nft list tables'),
      this.shell('iptables-save'),
    ]);
    const lines = texts.join('\n').split('\n');
    const networks = await docker<{ Name: string }[]>('GET', '/networks', this.socket);
    const containers = await containersOf(cluster, this.socket);
    return [
      ...lines.filter((line) => /kubecfg|proto 75|kb-|kt-/.test(line)),
      ...networks.map(({ Name }) => Name).filter((name) => name.includes('kubecfg')),
      ...containers.map(({ Names }) => Names.join()),
      ...(await this.processes()).filter((line) => /^etcd |kubecfg join/.test(line)),
      ...(existsSync(this.dataDir) ? readdirSync(this.dataDir, { recursive: true }).map(String) : []),
      ...(existsSync(this.dataDir) ? [this.dataDir] : []),
    ];
  }

  /** Command lines in the host's namespace. */
  async processes(): Promise<string[]> {
    const pids = await runProcess('ip', ['netns', 'pids', namespaceName(this.place.cluster, this.place.machine)]);
    return pids.split('\n').filter(Boolean).map(commandLine);
  }

  async remove(): Promise<void> {
    await stopEngine(this.place);
    await removeNamespace(namespaceName(this.place.cluster, this.place.machine));
    killContainers(this.place);
    await unmountBelow(this.place.dir);
    await unmountBelow(placeOf(this.place).run);
    await removeCgroups(this.place);
  }
}

/** A run of the program that may go on. */
export class Running {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  stdout = '';
  stderr = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = once(child, 'close');
    child.stdin!.end();
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
  }

  /** Resolves when the output has it; rejects with all there is when it does not come. */
  async says(what: RegExp, withinMs = 30_000): Promise<void> {
    const look = () => {
      if (this.#child.exitCode !== null) return true;
      return what.test(this.stdout + this.stderr);
    };
    await waitFor(look, { what: String(what), withinMs }).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.stdout}${this.stderr}`);
    });
    if (!what.test(this.stdout + this.stderr)) throw new Error(`it ended\n${this.stdout}${this.stderr}`);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async end(): Promise<Outcome> {
    await this.#ended;
    return { code: this.#child.exitCode ?? -1, stdout: this.stdout, stderr: this.stderr };
  }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return ''; // It ended.
  }
}

/** The command lines of all processes of this computer. */
export function allCommandLines(): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .map(commandLine);
}
