/** The record of a new cluster: what the user asked for, and free address ranges for the rest. */
import { formatCidr, parseCidr } from '../api/cidr.ts';
import { following, freeRange, usedRanges } from '../network/index.ts';
import { type ClusterConfig, type EtcdRecord, maxMachines, newMachine, usualMachineNet } from './config.ts';

export interface ClusterWishes {
  name: string;
  machines: number;
  runtime: 'docker' | 'hollow';
  port: number;
  portalNet?: string | undefined;
  podNet?: string | undefined;
  machineNet?: string | undefined;
  machinePrefix?: string | undefined;
  fleetMetadata?: string | undefined;
  /** Undefined keeps the state in the data directory. */
  etcd?: EtcdRecord | undefined;
}

export function newConfig(wishes: ClusterWishes): ClusterConfig {
  if (wishes.machines > maxMachines) throw new Error(`at most ${maxMachines} local machines, not ${wishes.machines}`);
  const used = usedRanges();
  const choose = (asked: string | undefined, first: string, what: string, { prefix }: { prefix: number }): string => {
    const range = asked === undefined ? freeRange(following(first, 50), used, what) : checked(asked, what, prefix);
    used.push(parseCidr(range)!);
    return range;
  };
  const config: ClusterConfig = {
    format: 1,
    name: wishes.name,
    runtime: wishes.runtime,
    port: wishes.port,
    portalNet: choose(wishes.portalNet, '10.0.0.0/16', '--portal-net', { prefix: 28 }),
    podNet: choose(wishes.podNet, '10.244.0.0/16', '--pod-net', { prefix: 16 }),
    // Inside Docker's own 172.17.0.0/16 as the handbook has it; single addresses, so nothing of Docker's is covered.
    machineNet: checked(wishes.machineNet ?? freeMachineNet(), '--machine-net', 24),
    ...(wishes.machinePrefix !== undefined && { machinePrefix: wishes.machinePrefix }),
    ...(wishes.fleetMetadata !== undefined && { fleetMetadata: wishes.fleetMetadata }),
    ...(wishes.etcd && { etcd: wishes.etcd }),
    machines: [],
  };
  for (let n = 1; n <= wishes.machines; n++) config.machines.push(newMachine(config, n));
  return config;
}

/** A range the user named; it must be large enough. */
function checked(text: string, what: string, longestPrefix: number): string {
  const cidr = parseCidr(text);
  if (!cidr) throw new Error(`${what}: ${text} is not an address range such as 10.0.0.0/16`);
  if (cidr.prefix > longestPrefix)
    throw new Error(`${what}: ${text} is too small, at least a /${longestPrefix} is needed`);
  return formatCidr(cidr);
}

/** Other clusters on this host hold single addresses (/32) of their nets, or a bridge with all of one; Docker's /16 is no obstacle. */
function freeMachineNet(): string {
  const held = usedRanges().filter((range) => range.prefix >= 24);
  return freeRange(following(usualMachineNet, 50), held, '--machine-net');
}
