/** The daemon: a cluster in a process of its own, with a control socket and a record by which it is found. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { realClock } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import { systemRandom } from '../async/random.ts';
import { type ApiSettings, Cluster, type HistoryLimits } from './cluster.ts';
import { type ClusterConfig, type NodeSettings, readConfig, writeConfig } from './config.ts';
import { type Control, serveControl } from './control.ts';
import { announceReady } from './daemon-report.ts';
import type { Identity } from './identity.ts';
import { type DaemonRecord, paths } from './paths.ts';
import { portOwner } from './port-owner.ts';
import type { Report } from './progress.ts';
import type { Role } from './roles.ts';
import { describeCluster } from './status.ts';
import { applyStoreWish, type StoreWish } from './store.ts';

export interface DaemonOptions {
  dataDir: string;
  roles: ReadonlySet<Role>;
  /** The record to begin with when the directory holds none. */
  fresh: () => ClusterConfig;
  server?: string | undefined;
  /** Admission plug-ins from now on; those of the record unless given. */
  admission?: string[] | undefined;
  /** How nodes are kept from now on, where it is said. */
  nodes?: NodeSettings | undefined;
  history?: HistoryLimits | undefined;
  /** The etcd that keeps the state; as the record has it unless given. */
  etcd?: StoreWish | undefined;
  api?: ApiSettings | undefined;
  /** Who this host is to the other hosts of the cluster. */
  identity?: Identity | undefined;
  log: Logger;
  report: Report;
  /** Called when all is up. */
  ready?: (() => Promise<void>) | undefined;
  /** Ends the daemon cleanly. */
  signal: AbortSignal;
}

const readyTimeoutMs = 30_000;

/** Runs until it is told to stop; resolves then. Rejects when it cannot start. */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const { dataDir, log, report, signal } = options;
  const stopped = stopSignal(signal);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  let config = readConfig(dataDir);
  if (!config) {
    config = options.fresh();
    writeConfig(dataDir, config);
  }
  const recorded = JSON.stringify(config);
  if (options.admission) config.admission = options.admission;
  if (options.nodes) config.nodes = { ...config.nodes, ...options.nodes };
  applyStoreWish(config, options.etcd);
  const cluster = await startCluster(config, options);
  // Only what could be started is kept.
  if (JSON.stringify(config) !== recorded) writeConfig(dataDir, config);
  try {
    const files = paths(dataDir);
    const control = await serveControl(files.socket, controlOf(cluster, stopped.stop));
    try {
      if (cluster.nominalBecause && config.machines.length > 0) {
        report({ message: `machine addresses are nominal: ${cluster.nominalBecause}` });
      }
      if (cluster.proxy?.mode === 'userspace')
        report({ message: 'no right to change nftables: services on loopback ports' });
      await Promise.race([cluster.machines?.ready(readyTimeoutMs, report), stopped.promise]);
      writeRecord(files.daemon, { server: cluster.server ?? '', socket: files.socket });
      await options.ready?.();
      report({ message: `serving at ${cluster.server ?? 'no port'}` });
      announceReady();
      await stopped.promise;
      log.info('stopping');
    } finally {
      rmSync(files.daemon, { force: true });
      await closeServer(control);
      rmSync(files.socket, { force: true });
    }
  } finally {
    await cluster.stop();
  }
}

async function startCluster(config: ClusterConfig, options: DaemonOptions): Promise<Cluster> {
  const { dataDir, roles, server, history, api, identity, log } = options;
  try {
    const save = (changed: ClusterConfig) => writeConfig(dataDir, changed);
    return await Cluster.start({
      config,
      dataDir,
      roles,
      server,
      history,
      api,
      identity,
      listen: true,
      save,
      clock: realClock,
      random: systemRandom,
      log,
    });
  } catch (e) {
    const { code, port = config.port } = e as NodeJS.ErrnoException & { port?: number };
    if (code !== 'EADDRINUSE') throw e;
    const owner = portOwner(port);
    const flag = port === config.host?.securePort ? '--secure-port' : '--port';
    throw new Error(`port ${port} is taken${owner ? ` by ${owner}` : ''}; choose another with ${flag}`);
  }
}

function controlOf(cluster: Cluster, stop: () => void): Control {
  const machines = () => {
    if (!cluster.machines) throw new Error('this daemon runs no machines (its roles do not include node)');
    return cluster.machines;
  };
  return {
    status: async () => describeCluster(cluster),
    grow: (count, report) => machines().grow(count, report),
    startMachine: (name, report) => machines().start(name, report),
    haltMachine: (name, force, report) => machines().halt(name, force, report),
    destroyMachine: (name, report) => machines().destroy(name, report),
    async halt(report) {
      await cluster.haltMachines(report);
      // After the answer has been written.
      setImmediate(stop);
    },
  };
}

/** Resolves when `signal` aborts or stop() is called. */
function stopSignal(signal: AbortSignal): { promise: Promise<void>; stop: () => void } {
  let stop = () => {};
  const promise = new Promise<void>((resolve) => {
    stop = resolve;
    signal.addEventListener('abort', () => resolve());
  });
  return { promise, stop };
}

function writeRecord(file: string, { server, socket }: Pick<DaemonRecord, 'server' | 'socket'>): void {
  const record: DaemonRecord = { pid: process.pid, server, socket, startedAt: new Date().toISOString() };
  writeFileSync(file, `${JSON.stringify(record)}\n`, { mode: 0o600 });
}

function closeServer(server: Server): Promise<void> {
  server.closeIdleConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
