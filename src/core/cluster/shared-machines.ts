/**
 * Machines that share this host: kubelets of one daemon, on one Docker engine. The user's process mostly asks the daemon.
 */
import { rmSync } from 'node:fs';
import { realClock } from '../async/clock.ts';
import { silentLog } from '../async/log.ts';
import { unmountBelow } from '../async/mounts.ts';
import { systemRandom } from '../async/random.ts';
import { type ClusterConfig, readConfig, writeConfig } from './config.ts';
import { callControl } from './control.ts';
import { type ClusterWishes, newConfig } from './defaults.ts';
import { type DaemonRecord, paths, runningDaemon } from './paths.ts';
import type { Report } from './progress.ts';
import {
  defaultPort,
  type Entrance,
  type LocalProvider,
  noMachine,
  refuseChanges,
  type UpResult,
  type UpWishes,
} from './provider.ts';
import { startDaemon } from './start-daemon.ts';
import { type ClusterStatus, stoppedCluster } from './status.ts';
import { applyStoreWish } from './store.ts';

export const sharedMachines: LocalProvider = {
  up,
  startMachine,
  haltMachine,
  destroyMachine,
  halt,
  destroy,
  status,
  enter,
};

/** Brings the cluster of a data directory up, or completes it; what a failing or aborted start began is undone. */
async function up(dataDir: string, wishes: UpWishes, report: Report, signal: AbortSignal): Promise<UpResult> {
  const existing = readConfig(dataDir);
  if (existing) {
    refuseChanges(existing, wishes);
    return resume(dataDir, existing, wishes, report, signal);
  }
  const config = newConfig(withDefaults(wishes));
  if (config.runtime === 'docker') await refuseForeignContainers(config.name);
  writeConfig(dataDir, config);
  try {
    const { server } = await startDaemon(dataDir, report, signal);
    return { name: config.name, server, already: false };
  } catch (e) {
    report({ message: 'undoing what was begun' });
    await removeEverything(dataDir, config);
    throw e;
  }
}

function withDefaults(wishes: UpWishes): ClusterWishes {
  return {
    ...wishes,
    machines: wishes.machines ?? 1,
    runtime: wishes.runtime ?? 'docker',
    port: wishes.port ?? defaultPort,
    etcd: wishes.etcd || undefined,
  };
}

async function resume(
  dataDir: string,
  config: ClusterConfig,
  wishes: UpWishes,
  report: Report,
  signal: AbortSignal,
): Promise<UpResult> {
  const count = Math.max(wishes.machines ?? 0, config.machines.length);
  const running = await answering(dataDir);
  const { fleetMetadata = config.fleetMetadata } = wishes;
  if (running) {
    if ((fleetMetadata ?? '') !== (config.fleetMetadata ?? ''))
      throw new Error(`the metadata of running machines cannot be changed: 'halt' cluster ${config.name} first`);
    await callControl(running.socket, 'grow', { machines: String(count) }, report);
    return { name: config.name, server: running.server, already: true };
  }
  if (wishes.port !== undefined) config.port = wishes.port;
  if (fleetMetadata !== undefined) config.fleetMetadata = fleetMetadata;
  applyStoreWish(config, wishes.etcd);
  for (const machine of config.machines) machine.halted = false;
  writeConfig(dataDir, config);
  const record = await startDaemon(dataDir, report, signal);
  if (count > config.machines.length) await callControl(record.socket, 'grow', { machines: String(count) }, report);
  return { name: config.name, server: record.server, already: false };
}

async function startMachine(dataDir: string, machine: string, report: Report): Promise<void> {
  await callControl((await mustRun(dataDir)).socket, 'start', { machine }, report);
}

async function haltMachine(dataDir: string, machine: string, force: boolean, report: Report): Promise<void> {
  await callControl((await mustRun(dataDir)).socket, 'halt-machine', { machine, force: String(force) }, report);
}

async function destroyMachine(dataDir: string, machine: string, report: Report): Promise<void> {
  await callControl((await mustRun(dataDir)).socket, 'destroy-machine', { machine }, report);
}

/** Ends daemon and containers; data stays. False when nothing ran. */
async function halt(dataDir: string, report: Report): Promise<boolean> {
  const daemon = await answering(dataDir);
  if (!daemon) return false;
  await callControl(daemon.socket, 'halt', {}, report);
  await ended(daemon.pid);
  return true;
}

/** Removes the cluster and everything that carries its label; false when there is no trace of it. */
async function destroy(dataDir: string, name: string): Promise<boolean> {
  const config = readConfig(dataDir);
  const daemon = runningDaemon(dataDir);
  if (daemon && (await answering(dataDir))) {
    process.kill(daemon.pid, 'SIGTERM');
    await ended(daemon.pid);
  }
  const removed = await removeEverything(dataDir, config ?? { name, runtime: 'docker' });
  return removed || config !== undefined;
}

async function status(dataDir: string): Promise<ClusterStatus | undefined> {
  const config = readConfig(dataDir);
  const daemon = await answering(dataDir);
  if (daemon) return (await callControl(daemon.socket, 'status')) as ClusterStatus;
  return config ? stoppedCluster(config, dataDir) : undefined;
}

/** There is nothing to go into: the machine is the host. What runs there is told which machine is meant. */
async function enter(dataDir: string, machine: string): Promise<Entrance> {
  const config = readConfig(dataDir);
  const record = config?.machines.find(({ name }) => name === machine);
  if (!config || !record) throw new Error(noMachine(machine, config));
  return {
    command: (inside) => inside,
    env: { KUBECFG_MACHINE: machine, KUBECFG_DATA_DIR: dataDir, KUBECFG_MACHINE_ADDRESS: record.address },
  };
}

/** The daemon, if it answers: a live process with the recorded pid may be somebody else's. */
export async function answering(dataDir: string): Promise<DaemonRecord | undefined> {
  const record = runningDaemon(dataDir);
  if (!record) return undefined;
  try {
    await callControl(record.socket, 'status');
    return record;
  } catch {
    return undefined;
  }
}

async function mustRun(dataDir: string): Promise<DaemonRecord> {
  const daemon = await answering(dataDir);
  if (!daemon) throw new Error(`no cluster is running in ${dataDir}; 'kubecfg up' starts it`);
  return daemon;
}

/** Another process's end cannot be awaited: look until it is gone. */
export async function ended(pid: number, timeoutMs = 60_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (alive(pid)) {
    if (Date.now() > deadline) throw new Error(`process ${pid} did not end within ${timeoutMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Containers that carry the name belong to a cluster whose data directory is elsewhere or lost. */
export async function refuseForeignContainers(name: string, socket?: string): Promise<void> {
  const docker = await openDocker(socket);
  try {
    if ((await docker.listClusters()).some((cluster) => cluster.name === name)) {
      throw new Error(
        `containers or a network of a cluster named ${name} exist already: choose another --name, or remove them with 'kubecfg destroy --name ${name}'`,
      );
    }
  } finally {
    await docker.close();
  }
}

/** Whether there was anything on the engine to remove. */
async function removeEverything(dataDir: string, config: Pick<ClusterConfig, 'name' | 'runtime'>): Promise<boolean> {
  const removed = config.runtime === 'docker' && (await removeFromHost(config.name));
  const { machines, socket, fleetSocket } = paths(dataDir);
  await unmountBelow(machines);
  rmSync(socket, { force: true });
  rmSync(fleetSocket, { force: true });
  rmSync(dataDir, { recursive: true, force: true });
  return removed;
}

/** Containers, network, rules and addresses of a cluster; false when the engine had nothing of it. */
export async function removeFromHost(name: string, socket?: string): Promise<boolean> {
  const { removeMachineInterface, removePodRoutes } = await import('../network/index.ts');
  const { removeRules } = await import('../proxy/index.ts');
  const docker = await openDocker(socket);
  try {
    const found = (await docker.listClusters()).some((cluster) => cluster.name === name);
    if (found) await docker.removeCluster(name);
    await Promise.all([removeRules(name), removeMachineInterface(name), removePodRoutes(name)]);
    return found;
  } finally {
    await docker.close();
  }
}

async function openDocker(socket?: string) {
  const { connectDocker } = await import('../runtime/docker/index.ts');
  return connectDocker({
    ...(socket !== undefined && { socket }),
    clock: realClock,
    random: systemRandom,
    log: silentLog,
  });
}
