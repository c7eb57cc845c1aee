/** `kubecfg leave`: a host is no machine of its cluster any more, and nothing of the cluster stays on it. */
import { existsSync, rmdirSync, rmSync } from 'node:fs';
import { Node } from '../api/kinds/index.ts';
import { isNotFound } from '../api/status.ts';
import { unmountBelow } from '../async/mounts.ts';
import { Client } from '../client/client.ts';
import { createFailoverTransport } from '../client/failover.ts';
import type { Transport } from '../client/transport.ts';
import {
  type EtcdFiles,
  isHealthy,
  type Member,
  membersOf,
  removeMember,
  removeUnit,
  stopMember,
} from '../machines/index.ts';
import { type ClusterConfig, readConfig } from './config.ts';
import { hostOf, machineOf } from './enrol.ts';
import { checkRoot } from './host-checks.ts';
import { adminOf, readNodeFiles } from './identity.ts';
import { paths, runningDaemon } from './paths.ts';
import type { Report } from './progress.ts';
import { ended, removeFromHost } from './shared-machines.ts';

/** The record of a host of several; throws when the directory holds none. */
export function hostConfig(dataDir: string): ClusterConfig {
  checkRoot();
  const config = readConfig(dataDir);
  if (config?.host) return config;
  throw new Error(
    config
      ? `${dataDir} holds a local cluster: 'kubecfg destroy' removes it`
      : `${dataDir} holds no machine of a cluster (is it another --data-dir?)`,
  );
}

/** The way to the API servers of the others, and at last to its own. */
export async function connectAsHost(dataDir: string, config: ClusterConfig): Promise<Transport> {
  const { discovery, servers } = config.host!;
  const { address } = machineOf(config);
  const isOwn = (server: string) => hostOf(server) === address;
  const { ca, node } = discovery ? await asAdmin(discovery) : readNodeFiles(paths(dataDir).pki);
  const inOrder = [...servers.filter((server) => !isOwn(server)), ...servers.filter(isOwn)];
  return createFailoverTransport({ servers: inOrder, tls: { ca, ...node } });
}

async function asAdmin(discovery: string) {
  const { ca, ...node } = await adminOf(discovery);
  return { ca, node };
}

/** Whether the state of the cluster is on this machine alone. */
export async function isLastMaster(config: ClusterConfig): Promise<boolean> {
  if (config.host?.role !== 'master') return false;
  if (config.etcd!.servers.length < 2) return true;
  return etcdOf(config).then(
    ({ others }) => others.length === 0,
    () => false,
  );
}

/** Throws when the cluster could not go on without this machine. `force` takes the loss of a quorum, not of everything. */
export async function checkLeave(config: ClusterConfig, force: boolean): Promise<void> {
  if (config.host?.role !== 'master') return;
  const { name } = machineOf(config);
  if (await isLastMaster(config))
    throw new Error(
      `${name} is the last master, and the state of the cluster is on it: 'kubecfg destroy' removes both`,
    );
  if (force) return;
  const { others } = await etcdOf(config);
  const healthy = await Promise.all(others.map(({ clientURLs }) => isHealthy(clientURLs?.[0] ?? '', filesOf(config))));
  const alive = healthy.filter(Boolean).length;
  const quorum = Math.floor(others.length / 2) + 1;
  if (alive >= quorum) return;
  throw new Error(
    `without ${name}, ${alive} of ${others.length} members of etcd are there and ${quorum} are needed: bring the others up first, or use --force`,
  );
}

/** Takes its node and its etcd member off the cluster's lists; its daemon must have ended. */
export async function forgetMachine(dataDir: string, config: ClusterConfig): Promise<void> {
  const { role } = config.host!;
  // With the last master goes the state itself.
  if (role === 'master' && (config.etcd?.servers.length ?? 0) < 2) return;
  const transport = await connectAsHost(dataDir, config);
  try {
    await new Client(transport).delete(Node, '', machineOf(config).name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  } finally {
    await transport.close();
  }
  if (role !== 'master') return;
  const { own } = await etcdOf(config);
  const [ownEndpoint, ...endpoints] = config.etcd!.servers;
  if (own) await takeOut([...endpoints, ownEndpoint!], filesOf(config), own.ID);
}

/** etcd counts only members that have been connected for five seconds: one that has just come back is waited for. */
async function takeOut(endpoints: readonly string[], files: EtcdFiles, id: string): Promise<void> {
  const deadline = performance.now() + settlesWithinMs;
  for (;;) {
    try {
      return await removeMember(endpoints, files, id);
    } catch (error) {
      if (!/unhealthy cluster/.test((error as Error).message) || performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, tryAgainMs));
  }
}

const settlesWithinMs = 20_000;
const tryAgainMs = 500;

async function etcdOf(config: ClusterConfig): Promise<{ own: Member | undefined; others: Member[] }> {
  const { address } = machineOf(config);
  const members = await membersOf(config.etcd!.servers, filesOf(config));
  const isOwn = ({ peerURLs }: Member) => hostOf(peerURLs[0]!) === address;
  return { own: members.find(isOwn), others: members.filter((member) => !isOwn(member)) };
}

function filesOf({ etcd }: ClusterConfig): EtcdFiles {
  const { caFile = '', certFile = '', keyFile = '' } = etcd!;
  return { ca: caFile, certificate: certFile, key: keyFile };
}

export interface Leaving {
  dataDir: string;
  config: ClusterConfig;
  unitDir: string;
  /** Goes on when the others cannot be told. */
  force: boolean;
  report: Report;
}

/** After its pods have gone: the daemon ends, the others are told, and everything that join made is removed. */
export async function leave({ dataDir, config, unitDir, force, report }: Leaving): Promise<void> {
  const machine = machineOf(config).name;
  const say = (message: string) => report({ machine, message });
  if (await removeUnit(unitDir)) say('unit removed');
  await stopDaemon(dataDir);
  say('daemon stopped');
  try {
    await forgetMachine(dataDir, config);
    say(
      config.host!.role === 'master'
        ? 'taken off the lists of nodes and of etcd members'
        : 'taken off the list of nodes',
    );
  } catch (error) {
    if (!force) throw error;
    say(`could not tell the others: ${(error as Error).message}`);
  }
  await clearHost(dataDir, config);
  say('containers, network and data removed');
}

export async function stopDaemon(dataDir: string): Promise<void> {
  const daemon = runningDaemon(dataDir);
  if (!daemon) return;
  process.kill(daemon.pid, 'SIGTERM');
  await ended(daemon.pid);
}

/** Everything that join made on the host. Without a record nothing but files has been made. */
export async function clearHost(
  dataDir: string,
  config: ClusterConfig,
  { keepWishes = false }: { keepWishes?: boolean } = {},
): Promise<void> {
  await stopMember(paths(dataDir).etcd);
  if (readConfig(dataDir)) await removeFromHost(config.name, config.host?.dockerSocket);
  const {
    machines,
    pki,
    etcd,
    reach,
    log,
    daemon,
    socket,
    fleetSocket,
    store,
    wishes,
    config: record,
  } = paths(dataDir);
  await unmountBelow(machines);
  for (const path of [machines, pki, etcd, reach, log, daemon, socket, fleetSocket, store, record]) {
    rmSync(path, { recursive: true, force: true });
  }
  if (!keepWishes) rmSync(wishes, { force: true });
  removeEmpty(dataDir);
}

/** What somebody else put there is not ours to remove; and it may be where something is mounted. */
function removeEmpty(dir: string): void {
  if (!existsSync(dir)) return;
  try {
    rmdirSync(dir);
  } catch (error) {
    if (!['ENOTEMPTY', 'EBUSY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
