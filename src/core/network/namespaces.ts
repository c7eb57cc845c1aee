/** Network namespaces: each isolated machine has one, with an interface on the cluster's bridge. */
import { readdirSync } from 'node:fs';
import { runProcess } from '../async/process.ts';
import { bridgeName } from './bridge.ts';
import { ignoreExisting, ignoreFailure } from './failures.ts';
import { interfaceName } from './interface-name.ts';

export interface MachineNamespace {
  cluster: string;
  machine: string;
  /** `172.17.8.101` */
  address: string;
  /** Length of the net's prefix. */
  prefix: number;
  /** The host's address on the bridge. */
  gateway: string;
}

/** Where iproute2 keeps namespaces that have a name. */
const folder = '/var/run/netns';
const namespacePrefix = (cluster: string) => `kubecfg:${cluster}:`;

export const namespaceName = (cluster: string, machine: string): string => `${namespacePrefix(cluster)}${machine}`;

/** The machine's end of the cable on the bridge. */
function outsideOf(namespace: string): string {
  const [, cluster, machine] = namespace.split(':');
  return interfaceName('kv', `${cluster}-${machine}`);
}

/** The command line that runs a program in the namespace. (`ip netns exec` would hide /sys/fs/cgroup.) */
export function inNamespace(namespace: string, command: readonly string[]): string[] {
  return ['nsenter', `--net=${folder}/${namespace}`, ...command];
}

/** Makes or completes the namespace; harmless when it is there. The bridge must exist. */
export async function ensureNamespace(wanted: MachineNamespace): Promise<string> {
  const { cluster, machine, address, prefix, gateway } = wanted;
  const namespace = namespaceName(cluster, machine);
  await runProcess('ip', ['netns', 'add', namespace]).catch(ignoreExisting);
  const outside = outsideOf(namespace);
  const pair = ['type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace];
  await runProcess('ip', ['link', 'add', 'dev', outside, ...pair]).catch(ignoreExisting);
  await runProcess('ip', ['link', 'set', 'dev', outside, 'up', 'master', bridgeName(cluster)]);
  const inside = [
    'link set dev lo up',
    'link set dev eth0 up',
    `address replace ${address}/${prefix} dev eth0`,
    `route replace default via ${gateway}`,
  ];
  await runProcess('ip', ['-n', namespace, '-batch', '-'], `${inside.join('\n')}\n`);
  return namespace;
}

/** Ends every process in the namespace at once, then removes it with its interface; harmless when there is none. */
export async function removeNamespace(namespace: string): Promise<void> {
  await killInNamespace(namespace);
  // The kernel takes its time with what is in a namespace; until then the next one could not be plugged in.
  await runProcess('ip', ['link', 'delete', 'dev', outsideOf(namespace)]).catch(ignoreFailure);
  await runProcess('ip', ['netns', 'delete', namespace]).catch(ignoreFailure);
}

/** As a power cut for the programs of a machine. Those that start others first are asked again until none is left. */
async function killInNamespace(namespace: string): Promise<void> {
  for (let pids = await pidsIn(namespace); pids.length > 0; pids = await pidsIn(namespace)) {
    for (const pid of pids) kill(pid);
  }
}

async function pidsIn(namespace: string): Promise<number[]> {
  if (!existingNamespaces().includes(namespace)) return [];
  const text = await runProcess('ip', ['netns', 'pids', namespace]);
  return text.split('\n').filter(Boolean).map(Number);
}

/** The names of all namespaces of a cluster. */
export function namespacesOf(cluster: string): string[] {
  return existingNamespaces().filter((name) => name.startsWith(namespacePrefix(cluster)));
}

function existingNamespaces(): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // No namespace has ever had a name here.
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
