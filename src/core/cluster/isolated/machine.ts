/** One isolated machine: made, ended and found again. Everything about it is on this host's disk and kernel, not in a process. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { detachedPid, startDetached, stopDetached } from '../../async/detached.ts';
import { unmountBelow } from '../../async/mounts.ts';
import {
  apply,
  enterRoot,
  killContainers,
  mountRoot,
  type Place,
  placeOf,
  removeCgroups,
  removeRoot,
  startEngine,
  stopEngine,
  stopMember,
  type UserData,
} from '../../machines/index.ts';
import { ensureNamespace, gatewayOf, inNamespace, namespaceName, removeNamespace } from '../../network/index.ts';
import { type ClusterConfig, type HostRecord, type MachineRecord, readConfig } from '../config.ts';
import { callControl } from '../control.ts';
import { paths, runningDaemon } from '../paths.ts';
import type { Report } from '../progress.ts';

export interface IsolatedDeps {
  dataDir: string;
  config: ClusterConfig;
  report: Report;
}

/** A cluster forms within a few seconds; a machine that has not by then is waiting for one that does not come. */
const readyWithinMs = 60_000;
const securePort = 6443;

export class IsolatedMachine {
  readonly record: MachineRecord;
  readonly #deps: IsolatedDeps;
  readonly #place: Place;
  readonly #namespace: string;

  constructor(record: MachineRecord, deps: IsolatedDeps) {
    this.record = record;
    this.#deps = deps;
    const { config, dataDir } = deps;
    this.#place = { cluster: config.name, machine: record.name, dir: join(paths(dataDir).machines, record.name) };
    this.#namespace = namespaceName(config.name, record.name);
  }

  get server(): string {
    return `https://${this.record.address}:${securePort}`;
  }
  /** What it became; undefined when it has not joined yet, or has left. */
  get role(): HostRecord['role'] | undefined {
    return readConfig(placeOf(this.#place).data)?.host?.role;
  }
  get running(): boolean {
    return detachedPid(placeOf(this.#place).daemonPid) !== undefined;
  }

  /** Starts what does not run; harmless when all does. The bridge must be there. */
  async boot(userData: UserData | undefined, signal: AbortSignal): Promise<void> {
    const { config } = this.#deps;
    const { name, address } = this.record;
    const begun = performance.now();
    const prefix = Number(config.machineNet.split('/')[1]);
    const gateway = gatewayOf(config.machineNet);
    await ensureNamespace({ cluster: config.name, machine: name, address, prefix, gateway });
    this.#say('network', begun);
    await Promise.all([
      startEngine(this.#place, (command) => inNamespace(this.#namespace, command)),
      this.#makeRoot(userData),
    ]);
    this.#say('Docker engine', begun);
    this.#startDaemon();
    await this.#ready(signal);
    this.#say(`ready at ${address}`, begun);
  }

  #say(what: string, begun: number): void {
    const seconds = ((performance.now() - begun) / 1000).toFixed(2);
    this.#deps.report({ machine: this.record.name, message: `${what} after ${seconds} s` });
  }

  /** The user-data is applied once, when the machine is new. */
  async #makeRoot(userData: UserData | undefined): Promise<void> {
    const { name, address } = this.record;
    const root = await mountRoot(this.#place);
    const marker = join(this.#place.dir, 'applied');
    if (!userData || existing(marker) !== undefined) return;
    const addresses = { public_ipv4: address, private_ipv4: address };
    await apply(userData, { root, hostname: name, addresses });
    writeFileSync(marker, '');
  }

  #startDaemon(): void {
    const { config } = this.#deps;
    const { name, address, machineID, podCIDR } = this.record;
    const { data, daemonPid, daemonLog, dockerSocket } = placeOf(this.#place);
    mkdirSync(data, { recursive: true, mode: 0o700 });
    const program = [process.execPath, ...process.execArgv, process.argv[1] ?? ''];
    const command = [
      ...program,
      ...['join', '--data-dir', data, '--name', config.name],
      ...['--machine-name', name, '--address', address, '--machine-id', machineID, '--pod-cidr', podCIDR],
      ...['--portal-net', config.portalNet, '--pod-net', config.podNet],
      ...['--secure-port', String(securePort), '--docker-socket', dockerSocket],
      ...(config.fleetMetadata ? ['--metadata', config.fleetMetadata] : []),
    ];
    const env: NodeJS.ProcessEnv = { ...process.env, KUBECFG_DISCOVERY: config.discovery };
    delete env['NODE_EXTRA_CA_CERTS'];
    startDetached({ command: inNamespace(this.#namespace, command), pidFile: daemonPid, log: daemonLog, env });
  }

  async #ready(signal: AbortSignal): Promise<void> {
    const { data, daemonPid, daemonLog } = placeOf(this.#place);
    const deadline = performance.now() + readyWithinMs;
    while (!runningDaemon(data)) {
      signal.throwIfAborted();
      const { name } = this.record;
      if (detachedPid(daemonPid) === undefined) throw new Error(`${name}: ${lastLine(daemonLog)}`);
      if (performance.now() > deadline) throw new Error(`${name} is not ready: ${lastLine(daemonLog)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Its pods move to the others, as far as the cluster can still be told. */
  async halt(): Promise<void> {
    const daemon = runningDaemon(placeOf(this.#place).data);
    const { name } = this.record;
    if (daemon) {
      await callControl(daemon.socket, 'halt-machine', { machine: name, force: 'false' }).catch((e: Error) => {
        this.#deps.report({ machine: name, message: `could not tell the cluster: ${e.message}` });
      });
    }
    await this.pause();
  }

  /** Nobody is told: with all machines of a cluster, whose pods are to run again when they start. */
  async pause(): Promise<void> {
    const { data, daemonPid } = placeOf(this.#place);
    await stopDetached(daemonPid, 10_000);
    await stopMember(paths(data).etcd);
    await stopEngine(this.#place);
    await removeNamespace(this.#namespace);
    killContainers(this.#place);
    await this.#unmount();
  }

  /** As a power cut: everything at once, and nobody is told. */
  async crash(): Promise<void> {
    await removeNamespace(this.#namespace);
    killContainers(this.#place);
    await this.#unmount();
  }

  async destroy(): Promise<void> {
    await this.crash();
    await removeCgroups(this.#place);
    await removeRoot(this.#place);
    rmSync(this.#place.dir, { recursive: true, force: true });
    rmSync(placeOf(this.#place).run, { recursive: true, force: true });
  }

  /** A shell of the machine, or a command: in its network, with its files, under its name. */
  enter(inside: string[]): string[] {
    return inNamespace(this.#namespace, enterRoot(this.#place, inside));
  }

  get environment(): Record<string, string> {
    const { dockerSocket, data } = placeOf(this.#place);
    return { DOCKER_HOST: `unix://${dockerSocket}`, KUBECFG_DATA_DIR: data, KUBECFG_MACHINE: this.record.name };
  }

  /** What Docker and the root leave mounted; sockets and pid files mean nothing any more. */
  async #unmount(): Promise<void> {
    const { run } = placeOf(this.#place);
    await unmountBelow(this.#place.dir);
    await unmountBelow(run);
    rmSync(run, { recursive: true, force: true });
    rmSync(paths(placeOf(this.#place).data).daemon, { force: true });
  }
}

function existing(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** The daemon's last words: what it could not do, as a rule. */
function lastLine(log: string): string {
  const line = existing(log)?.trimEnd().split('\n').at(-1) ?? '';
  return line.replace(/^error: |^[IWE]\d{4} [\d:.]+ [^\]]*\] /, '') || 'it said nothing';
}
