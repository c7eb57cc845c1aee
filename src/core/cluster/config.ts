/** What a cluster is: the record in <data-dir>/cluster.json that `up` writes and every later start reads. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { formatAddress, formatCidr, parseCidr, subrange } from '../api/cidr.ts';
import { paths } from './paths.ts';

export interface MachineRecord {
  name: string;
  /** 32 hex digits, as /etc/machine-id has them; kept over restarts. */
  machineID: string;
  address: string;
  podCIDR: string;
  /** A halted machine stays halted when the cluster comes up again without being named. */
  halted: boolean;
}

/** How nodes are kept and watched over, where it is not the usual way. Periods in milliseconds. */
export interface NodeSettings {
  /** Nodes to register at the start that are no machines of this cluster. */
  machines?: string[];
  /** Whether nodes are kept in line with the machines of this cluster; they are unless false. */
  sync?: boolean;
  syncPeriodMs?: number;
  monitorGraceMs?: number;
  startupGraceMs?: number;
  podEvictionTimeoutMs?: number;
}

/** How the etcd cluster is reached that keeps the state. */
export interface EtcdRecord {
  servers: string[];
  /** What the keys begin with there, in place of /registry. */
  prefix?: string;
  /** Absolute paths. */
  caFile?: string;
  certFile?: string;
  keyFile?: string;
  username?: string;
  /** Holds the password; without it the environment does. */
  passwordFile?: string;
}

/** A cluster of several hosts: what the machine of this record, which is this host, is in it. */
export interface HostRecord {
  /** Masters are members of etcd and run the control plane; workers run pods. */
  role: 'master' | 'worker';
  /** Of every API server, at the addresses of the masters. */
  securePort: number;
  /** Where the cluster formed. The token in it is the secret of the cluster. */
  discovery?: string;
  /** The masters' API servers. */
  servers: string[];
  /** Of the Docker engine, where it is not the usual one. */
  dockerSocket?: string;
}

export interface ClusterConfig {
  /** Newer formats are refused, see readConfig. */
  format: 1;
  name: string;
  runtime: 'docker' | 'hollow';
  port: number;
  portalNet: string;
  podNet: string;
  machineNet: string;
  /** Names of the admission plug-ins, where they are not the usual ones. */
  admission?: string[];
  nodes?: NodeSettings;
  /** What machines' names begin with, where it is not `core`. */
  machinePrefix?: string;
  /** coreos.fleet.metadata of the user-data, as it is written: each machine puts its own addresses in. */
  fleetMetadata?: string;
  /** Where the state is kept, when not in the data directory. */
  etcd?: EtcdRecord;
  /** What makes the machines, where they do not share this host. */
  provider?: 'isolated';
  /** Where the etcd cluster of isolated machines formed. The token in it is the secret of the cluster. */
  discovery?: string;
  /** Undefined for machines that share this host with one daemon. */
  host?: HostRecord;
  machines: MachineRecord[];
}

/** Each machine owns the nth /24 of the pod net; the 0th holds the gateway. */
export const maxMachines = 254;
const firstAddress = 100;

/** core-01 is machine 1, 172.17.8.101 and the pod range 10.244.1.0/24. */
export function newMachine(
  config: Pick<ClusterConfig, 'machineNet' | 'podNet' | 'machinePrefix'>,
  n: number,
): MachineRecord {
  const machineNet = parseCidr(config.machineNet);
  const podRange = subrange(parseCidr(config.podNet) ?? { base: 0, prefix: 0, size: 0 }, 24, n);
  if (!machineNet || !podRange)
    throw new Error(`no addresses for machine ${n} in ${config.machineNet} and ${config.podNet}`);
  // 172.17.8.101… as the handbook has them, as long as the net is large enough; then simply the nth address.
  const offset = (firstAddress + n) % machineNet.size;
  return {
    name: machineName(config, n),
    machineID: randomBytes(16).toString('hex'),
    address: formatAddress(machineNet.base + offset),
    podCIDR: formatCidr(podRange),
    halted: false,
  };
}

/** What the IDs of a cluster's machines begin with, in spec.providerID of their nodes. */
export const providerPrefix = (cluster: string): string => `kubecfg://${cluster}/`;

export function machineName({ machinePrefix = 'core' }: Pick<ClusterConfig, 'machinePrefix'>, n: number): string {
  return `${machinePrefix}-${String(n).padStart(2, '0')}`;
}

/** Where local machines get their addresses from, unless another cluster has it (coreos-vagrant). */
export const usualMachineNet = '172.17.8.0/24';

/**
 * What a snapshot carries of the record. Of a cluster of several hosts that is neither which of them this was, nor the
 * secret that they share: what is made of the snapshot is a cluster of local machines.
 */
export function recordForSnapshot({ host, ...config }: ClusterConfig): ClusterConfig {
  return host ? { ...config, machineNet: usualMachineNet, machines: [] } : config;
}

/** Undefined when the directory holds no cluster; throws on a file that is damaged or from a newer kubecfg. */
export function readConfig(dataDir: string): ClusterConfig | undefined {
  const file = paths(dataDir).config;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw e;
  }
  let config: ClusterConfig;
  try {
    config = JSON.parse(text) as ClusterConfig;
  } catch (e) {
    throw new Error(`${file} is damaged (${(e as Error).message}); 'kubecfg destroy' removes the cluster`);
  }
  return checkFormat(config, file);
}

/** `what` holds the record, in the words of the error that a newer one is. */
export function checkFormat(config: ClusterConfig, what: string): ClusterConfig {
  if (config.format === 1) return config;
  throw new Error(
    `${what} has format ${String(config.format)}, this kubecfg reads format 1: use the kubecfg that wrote it`,
  );
}

/** Replaces the file in one step, so that a crash leaves the old one or the new one. */
export function writeConfig(dataDir: string, config: ClusterConfig): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = paths(dataDir).config;
  // Of this process: another may be writing at the same time.
  const fresh = `${file}.${process.pid}.new`;
  writeFileSync(fresh, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  renameSync(fresh, file);
}
