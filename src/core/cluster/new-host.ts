/** The record of a host that joins a cluster of several. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { nthAddress, parseAddress } from '../api/cidr.ts';
import type { ClusterConfig } from './config.ts';

export interface HostWishes {
  cluster: string;
  /** Of the machine and its node. */
  name: string;
  /** The first that is not of this host alone unless given. */
  address?: string | undefined;
  port: number;
  portalNet: string;
  podNet: string;
  podCIDR?: string | undefined;
  /** That of the operating system unless given. */
  machineID?: string | undefined;
  fleetMetadata?: string | undefined;
}

export function newHost(wishes: HostWishes): ClusterConfig {
  const { cluster, name, port, portalNet, podNet, podCIDR = '', fleetMetadata } = wishes;
  // Throws for what is no range.
  for (const net of [portalNet, podNet, ...(podCIDR ? [podCIDR] : [])]) nthAddress(net, 1);
  const address = wishes.address === undefined ? firstAddress() : ownAddress(wishes.address);
  return {
    format: 1,
    name: cluster,
    runtime: 'docker',
    port,
    portalNet,
    podNet,
    machineNet: '',
    ...(fleetMetadata !== undefined && { fleetMetadata }),
    machines: [{ name, machineID: wishes.machineID ?? systemMachineID(), address, podCIDR, halted: false }],
  };
}

function addresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}

function firstAddress(): string {
  const [first] = addresses();
  if (!first) throw new Error('this host has no address that other machines could reach');
  return first;
}

function ownAddress(text: string): string {
  if (parseAddress(text) === undefined) throw new Error(`--address ${text}: not an IPv4 address`);
  if (addresses().includes(text)) return text;
  throw new Error(`--address ${text}: this host does not have it; it has ${addresses().join(', ') || 'none'}`);
}

/** That of the operating system, which fleet used, too. */
function systemMachineID(): string {
  try {
    const id = readFileSync('/etc/machine-id', 'utf8').trim();
    if (/^[0-9a-f]{32}$/.test(id)) return id;
  } catch {
    // A host without one.
  }
  return randomBytes(16).toString('hex');
}
