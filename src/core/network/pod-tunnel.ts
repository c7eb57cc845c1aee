/**
 * The tunnel to machines that share no link with this one: a VXLAN device that learns nothing. Whoever is behind it stands
 * in the Node objects, and each machine's hardware address follows from its address, so that nobody has to ask.
 */
import { nthAddress, parseAddress, parseCidr } from '../api/cidr.ts';
import { runProcess } from '../async/process.ts';
import { ignoreExisting, ignoreFailure } from './failures.ts';
import { interfaceName } from './interface-name.ts';
import type { PodMachine } from './pod-plan.ts';

export const tunnelName = (cluster: string): string => interfaceName('kx', cluster);

/** That of Linux and flannel; the device's number keeps them apart. */
const port = 8472;
/** Outer IP, UDP and VXLAN headers and the inner Ethernet one. */
const overhead = 50;

export interface Tunnel {
  podNet: string;
  /** The device that outer packets leave by. */
  uplink: string;
  /** Of the machines behind it. */
  addresses: readonly string[];
}

/** Brings the device to lead to exactly these machines; without any there is none. */
export async function applyTunnel(machine: PodMachine, wanted: Tunnel): Promise<void> {
  const { tunnel } = machine;
  const { addresses } = wanted;
  const known = await knownBehind(tunnel);
  if (addresses.length === 0) return known && removeTunnel(tunnel);
  if (!known) await makeTunnel(machine, wanted);
  const gone = (known ?? []).filter((address) => !addresses.includes(address));
  await inBatch('ip', [
    `link set dev ${tunnel} up`,
    // What this machine itself sends to pods comes from its end of the bridge: answers then come back through the tunnel.
    `address replace ${nthAddress(machine.podCIDR, 1)}/32 dev ${tunnel}`,
    ...addresses.map((a) => `neighbour replace ${a} lladdr ${hardwareAddress(a)} dev ${tunnel} nud permanent`),
    ...gone.map((a) => `neighbour delete ${a} dev ${tunnel}`),
  ]);
  await inBatch('bridge', [
    ...addresses.map((a) => `fdb replace ${hardwareAddress(a)} dev ${tunnel} dst ${a} self permanent`),
    ...gone.map((a) => `fdb delete ${hardwareAddress(a)} dev ${tunnel} dst ${a} self permanent`),
  ]);
}

export async function removeTunnel(tunnel: string): Promise<void> {
  await runProcess('ip', ['link', 'delete', 'dev', tunnel]).catch(ignoreFailure);
}

async function makeTunnel({ tunnel, address }: PodMachine, { podNet, uplink }: Tunnel): Promise<void> {
  const vxlan = ['type', 'vxlan', 'id', `${networkNumber(podNet)}`, 'local', address, 'dstport', `${port}`];
  const [link] = JSON.parse(await runProcess('ip', ['-j', 'link', 'show', 'dev', uplink])) as [{ mtu: number }];
  const mtu = link.mtu - overhead;
  const device = ['dev', tunnel, 'address', hardwareAddress(address), 'mtu', `${mtu}`];
  await runProcess('ip', ['link', 'add', ...device, ...vxlan, 'nolearning']).catch(ignoreExisting);
}

/** Equal on all machines of a cluster, and of no other cluster on one of them: their nets do not overlap. */
const networkNumber = (podNet: string): number => Math.floor(parseCidr(podNet)!.base / 2 ** 8);

/** Locally administered. `172.17.8.101` has 02:6b:ac:11:08:65. */
export function hardwareAddress(address: string): string {
  const hex = parseAddress(address)!.toString(16).padStart(8, '0');
  return ['02', '6b', ...hex.match(/../g)!].join(':');
}

/** Undefined without the device. */
async function knownBehind(tunnel: string): Promise<string[] | undefined> {
  try {
    const text = await runProcess('ip', ['-j', '-4', 'neighbour', 'show', 'dev', tunnel, 'nud', 'permanent']);
    return (JSON.parse(text || '[]') as { dst: string }[]).map(({ dst }) => dst);
  } catch (e) {
    ignoreFailure(e);
    return undefined;
  }
}

async function inBatch(program: string, lines: readonly string[]): Promise<void> {
  await runProcess(program, ['-force', '-batch', '-'], `${lines.join('\n')}\n`);
}
