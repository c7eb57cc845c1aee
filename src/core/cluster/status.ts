/** What `status` shows of a running cluster. */
import { Node, Pod } from '../api/kinds/index.ts';
import type { Cluster } from './cluster.ts';
import type { ClusterConfig } from './config.ts';
import { isReady } from './machines.ts';

export interface MachineStatus {
  name: string;
  machineID: string;
  address: string;
  podCIDR: string;
  /** `ready`, `not ready` or `halted`; `stopped` when the cluster does not run. */
  state: string;
  pods: number;
}

export interface ClusterStatus {
  name: string;
  /** `running` or `stopped`. */
  state: string;
  server: string;
  /** Of the daemon; 0 when there is none, as of isolated machines, which have one each. */
  pid: number;
  dataDir: string;
  runtime: string;
  portalNet: string;
  podNet: string;
  machineNet: string;
  /** Whether the machines' addresses exist on this host. */
  addresses: 'real' | 'nominal';
  /** How services are reached. */
  proxy: string;
  /** Resident memory of the daemon in bytes. */
  memory: number;
  machines: MachineStatus[];
}

export function describeCluster(cluster: Cluster): ClusterStatus {
  const { config, dataDir } = cluster.options;
  const nodes = cluster.informers.for(Node);
  const podsOn = new Map<string, number>();
  for (const pod of cluster.informers.for(Pod).list()) {
    const node = pod.spec.nodeName ?? '';
    podsOn.set(node, (podsOn.get(node) ?? 0) + 1);
  }
  const state = (name: string, halted: boolean) => {
    if (halted) return 'halted';
    const node = nodes.get('', name);
    return node && isReady(node) ? 'ready' : 'not ready';
  };
  return {
    ...stoppedCluster(config, dataDir),
    state: 'running',
    server: cluster.server ?? '',
    pid: process.pid,
    addresses: cluster.nominalBecause === undefined ? 'real' : 'nominal',
    proxy: cluster.proxy?.mode ?? 'none',
    memory: process.memoryUsage.rss(),
    machines: config.machines.map(({ halted, ...machine }) => ({
      ...machine,
      state: state(machine.name, halted),
      pods: podsOn.get(machine.name) ?? 0,
    })),
  };
}

export function stoppedCluster(config: ClusterConfig, dataDir: string): ClusterStatus {
  const { name, runtime, portalNet, podNet, machineNet, machines } = config;
  return {
    name,
    state: 'stopped',
    server: '',
    pid: 0,
    dataDir,
    runtime,
    portalNet,
    podNet,
    machineNet,
    addresses: 'nominal',
    proxy: 'none',
    memory: 0,
    machines: machines.map(({ halted, ...machine }) => ({ ...machine, state: halted ? 'halted' : 'stopped', pods: 0 })),
  };
}
