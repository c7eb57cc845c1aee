/**
 * Machines that are isolated from this host: each has its own network namespace, Docker engine, etcd member, files and
 * daemon, and joins through a discovery URL as a real host does. No process of the host holds them together: what there
 * is, is found on disk and in the kernel, whoever was killed.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Node, Pod } from '../../api/kinds/index.ts';
import type { Stored } from '../../api/object.ts';
import { isNotFound } from '../../api/status.ts';
import { missingPrograms } from '../../async/programs.ts';
import { Client } from '../../client/client.ts';
import { createFailoverTransport } from '../../client/failover.ts';
import { requestToken } from '../../machines/index.ts';
import { ensureBridge, gatewayOf, namespacesOf, removeBridge, removeNamespace } from '../../network/index.ts';
import { type ClusterConfig, machineName, newMachine, readConfig, writeConfig } from '../config.ts';
import { newConfig } from '../defaults.ts';
import { isReady } from '../machines.ts';
import type { Report } from '../progress.ts';
import {
  type Entrance,
  type LocalProvider,
  noMachine,
  refuseChanges,
  type UpResult,
  type UpWishes,
} from '../provider.ts';
import { readReach, removeReach, writeReach } from '../reach.ts';
import { type ClusterStatus, stoppedCluster } from '../status.ts';
import { changeConfig } from './change-config.ts';
import { startDiscoveryService, stopDiscoveryService } from './discovery.ts';
import { IsolatedMachine } from './machine.ts';

export const isolatedMachines: LocalProvider = {
  up,
  startMachine,
  haltMachine,
  destroyMachine,
  halt,
  destroy,
  status,
  enter,
};

const quiet: Report = () => {};
const never = new AbortController().signal;
/** More members make writes slower and survive no more than this many less one half. */
const mastersMax = 5;

async function up(dataDir: string, wishes: UpWishes, report: Report, signal: AbortSignal): Promise<UpResult> {
  requireHost();
  const existing = readConfig(dataDir);
  if (existing) refuseChanges(existing, wishes);
  const config = existing ?? newRecord(wishes);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  for (const machine of config.machines) machine.halted = false;
  grow(config, wishes.machines ?? config.machines.length);
  writeConfig(dataDir, config);
  try {
    const already = machinesOf(dataDir, config).every((machine) => machine.running);
    const { servers } = await bootAll(dataDir, config, wishes, report, signal);
    return { name: config.name, server: servers[0]!, tls: readReach(dataDir)!.tls, already };
  } catch (e) {
    if (!existing) {
      report({ message: 'undoing what was begun' });
      await destroy(dataDir, config.name);
    }
    throw e;
  }
}

async function bootAll(dataDir: string, config: ClusterConfig, wishes: UpWishes, report: Report, signal: AbortSignal) {
  const { name: cluster, machineNet } = config;
  await ensureBridge({ cluster, machineNet });
  if (!config.discovery || isOwnService(config)) {
    const service = await startDiscoveryService(dataDir, gatewayOf(machineNet));
    config.discovery ??= await requestToken(service, mastersOf(config));
    writeConfig(dataDir, config);
  }
  const machines = machinesOf(dataDir, config, report);
  await Promise.all(machines.map((machine) => machine.boot(wishes.userData, signal)));
  return reachMasters(dataDir, config.discovery, machines);
}

function reachMasters(dataDir: string, discovery: string, machines: readonly IsolatedMachine[]) {
  const masters = machines.filter(({ role }) => role === 'master');
  return writeReach(
    dataDir,
    discovery,
    masters.map(({ server }) => server),
  );
}

/** The service that the cluster's own directory keeps, unless the user-data named another. */
const isOwnService = ({ discovery, machineNet }: ClusterConfig) =>
  discovery !== undefined && new URL(discovery).hostname === gatewayOf(machineNet);

/** Of a new cluster. */
const mastersOf = ({ machines }: ClusterConfig) => {
  const odd = machines.length % 2 === 0 ? machines.length - 1 : machines.length;
  return Math.max(1, Math.min(odd, mastersMax));
};

function newRecord(wishes: UpWishes): ClusterConfig {
  const machines = wishes.machines ?? 3;
  if (machines < 1) throw new Error('isolated machines run their own control plane: at least one is needed');
  if (wishes.runtime === 'hollow')
    throw new Error('isolated machines run containers: --runtime hollow is for shared ones');
  const config = newConfig({ ...wishes, machines, runtime: 'docker', port: 0, etcd: undefined });
  return { ...config, provider: 'isolated', ...(wishes.discovery && { discovery: wishes.discovery }) };
}

function grow(config: ClusterConfig, count: number): void {
  for (let n = 1; config.machines.length < count; n++) {
    const name = machineName(config, n);
    if (!config.machines.some((machine) => machine.name === name)) config.machines.push(newMachine(config, n));
  }
}

async function startMachine(dataDir: string, name: string, report: Report): Promise<void> {
  const { config, machine } = find(dataDir, name, report);
  await ensureBridge({ cluster: config.name, machineNet: config.machineNet });
  setHalted(dataDir, name, false);
  await machine.boot(undefined, never);
}

function setHalted(dataDir: string, name: string, halted: boolean): void {
  changeConfig(dataDir, ({ machines }) => {
    for (const record of machines) if (record.name === name) record.halted = halted;
  });
}

async function haltMachine(dataDir: string, name: string, force: boolean, report: Report): Promise<void> {
  const { machine } = find(dataDir, name, report);
  if (!machine.running) return report({ machine: name, message: 'is halted already' });
  setHalted(dataDir, name, true);
  await (force ? machine.crash() : machine.halt());
  report({ machine: name, message: force ? 'crashed' : 'halted' });
}

async function destroyMachine(dataDir: string, name: string, report: Report): Promise<void> {
  const { config, machine } = find(dataDir, name, report);
  if (machine.role === 'master') {
    throw new Error(
      `${name} is a member of the cluster's etcd: 'kubecfg ssh ${name} -- kubecfg leave' takes it out first`,
    );
  }
  await machine.halt();
  await machine.destroy();
  changeConfig(dataDir, (now) => {
    now.machines = now.machines.filter((record) => record.name !== name);
  });
  await reachMasters(dataDir, config.discovery!, machinesOf(dataDir, readConfig(dataDir)!));
  await withClient(dataDir, (client) => client.delete(Node, '', name)).catch((error: unknown) => {
    // It left before.
    if (!isNotFound(error)) throw error;
  });
  report({ machine: name, message: 'destroyed' });
}

async function halt(dataDir: string, report: Report): Promise<boolean> {
  const config = readConfig(dataDir)!;
  const machines = machinesOf(dataDir, config, report).filter((machine) => machine.running);
  // At once: what one tells the cluster would make the others take over its pods.
  await Promise.all(
    machines.map(async (machine) => {
      await machine.pause();
      report({ machine: machine.record.name, message: 'halted' });
    }),
  );
  await stopDiscoveryService(dataDir);
  return machines.length > 0;
}

/** Also what is left of a cluster whose directory was lost: it carries the name. */
async function destroy(dataDir: string, name: string): Promise<boolean> {
  const config = readConfig(dataDir);
  const left = namespacesOf(name);
  if (config) await Promise.all(machinesOf(dataDir, config).map((machine) => machine.destroy()));
  for (const namespace of namespacesOf(name)) await removeNamespace(namespace);
  await stopDiscoveryService(dataDir);
  if (config || left.length > 0) await removeBridge(name);
  rmSync(join('/run/kubecfg', name), { recursive: true, force: true });
  if (config) rmSync(dataDir, { recursive: true, force: true });
  removeReach(dataDir);
  return config !== undefined || left.length > 0;
}

async function status(dataDir: string): Promise<ClusterStatus> {
  const config = readConfig(dataDir)!;
  const cluster = stoppedCluster(config, dataDir);
  const machines = machinesOf(dataDir, config);
  if (!machines.some((machine) => machine.running)) return cluster;
  const seen = await withClient(dataDir, async (client) => {
    const [nodes, pods] = await Promise.all([client.list(Node), client.list(Pod)]);
    return { nodes: nodes.items as Stored<Node>[], pods: pods.items as Stored<Pod>[] };
  }).catch(() => undefined);
  const state = (machine: IsolatedMachine) => {
    if (!machine.running) return machine.record.halted ? 'halted' : 'stopped';
    const node = seen?.nodes.find(({ metadata }) => metadata.name === machine.record.name);
    return node && isReady(node) ? 'ready' : 'not ready';
  };
  return {
    ...cluster,
    state: 'running',
    server: readReach(dataDir)?.servers.join(',') ?? '',
    addresses: 'real',
    proxy: 'nftables',
    machines: machines.map((machine, i) => ({
      ...cluster.machines[i]!,
      state: state(machine),
      pods: seen?.pods.filter(({ spec }) => spec.nodeName === machine.record.name).length ?? 0,
    })),
  };
}

async function enter(dataDir: string, name: string): Promise<Entrance> {
  const { machine } = find(dataDir, name, quiet);
  if (!machine.running) throw new Error(`${name} does not run; 'kubecfg up ${name}' starts it`);
  return { command: (inside) => machine.enter(inside), env: machine.environment };
}

async function withClient<R>(dataDir: string, use: (client: Client) => Promise<R>): Promise<R> {
  const reach = readReach(dataDir);
  if (!reach) throw new Error(`the cluster in ${dataDir} is not up`);
  const transport = createFailoverTransport(reach);
  try {
    return await use(new Client(transport));
  } finally {
    await transport.close();
  }
}

function machinesOf(dataDir: string, config: ClusterConfig, report = quiet): IsolatedMachine[] {
  return config.machines.map((record) => new IsolatedMachine(record, { dataDir, config, report }));
}

function find(dataDir: string, name: string, report: Report): { config: ClusterConfig; machine: IsolatedMachine } {
  const config = readConfig(dataDir)!;
  const machine = machinesOf(dataDir, config, report).find(({ record }) => record.name === name);
  if (!machine) throw new Error(noMachine(name, config));
  return { config, machine };
}

/** Throws, naming what is missing, before anything is made. */
function requireHost(): void {
  if (process.platform !== 'linux') throw new Error('isolated machines need Linux: use --provider shared');
  if (process.getuid?.() !== 0) throw new Error('isolated machines need root: use sudo, or --provider shared');
  const missing = missingPrograms(['ip', 'nft', 'iptables', 'nsenter', 'dockerd', 'etcd']);
  if (missing.length > 0) throw new Error(`isolated machines need these programs on the host: ${missing.join(', ')}`);
}
