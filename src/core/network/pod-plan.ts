/**
 * The way to the pods of every other machine, worked out from the Node objects alone: pure. Machines on one link send each other
 * pods' packets as they are, to the other as a gateway (host-gw); others are reached through a tunnel.
 */
import { contains, overlaps, parseAddress, parseCidr } from '../api/cidr.ts';
import type { Node } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';

/** This machine. */
export interface PodMachine {
  name: string;
  address: string;
  /** The range of its pods. */
  podCIDR: string;
  /** The interface of the bridge that they sit on. */
  bridge: string;
  /** Where the tunnel to machines on other links begins. */
  tunnel: string;
}

export interface PodNets {
  /** Of all pods of the cluster. */
  podNet: string;
  portalNet: string;
}

/** One address of this machine. */
export interface Link {
  device: string;
  address: string;
  /** `172.17.8.101/24` */
  cidr: string;
}

export interface Route {
  to: string;
  via?: string;
  device: string;
  /** The gateway is not looked for among this machine's own addresses. */
  onlink?: boolean;
  /** What this machine sends from, where the device does not say it. */
  source?: string;
}

export interface PodPlan {
  routes: Route[];
  /** Addresses of machines on our links: they know the way back to our pods, so those keep their address. */
  neighbours: string[];
  /** Addresses of the machines behind the tunnel. */
  tunnelled: string[];
  /** Nodes that get no route, and why. */
  refused: string[];
}

export function planPodNetwork(
  nodes: Iterable<Stored<Node>>,
  machine: PodMachine,
  nets: PodNets,
  links: readonly Link[],
): PodPlan {
  const { bridge: device, address: source, tunnel } = machine;
  // Packets to a portal always find a way, with or without a default route; the proxy's rules turn them before they take it.
  const plan: PodPlan = {
    routes: [{ to: nets.portalNet, device, source }],
    neighbours: [],
    tunnelled: [],
    refused: [],
  };
  const podNet = rangeOf(nets.podNet);
  const taken = [{ range: rangeOf(machine.podCIDR), name: machine.name }];
  for (const { name, address, podCIDR } of othersOf(nodes, machine.name)) {
    const range = rangeOf(podCIDR);
    const owner = taken.find((other) => overlaps(other.range, range));
    if (!contains(podNet, range.base) || range.prefix < podNet.prefix) {
      plan.refused.push(`${name}: its pod range ${podCIDR} is not in ${nets.podNet}`);
    } else if (owner) {
      plan.refused.push(`${name}: its pod range ${podCIDR} is ${owner.name}'s already`);
    } else {
      taken.push({ range, name });
      const link = linkTo(address, links, machine);
      plan.routes.push(
        link
          ? { to: podCIDR, via: address, device: link.device }
          : { to: podCIDR, via: address, device: tunnel, onlink: true },
      );
      (link ? plan.neighbours : plan.tunnelled).push(address);
    }
  }
  return plan;
}

interface Other {
  name: string;
  address: string;
  podCIDR: string;
}

/** The older of two nodes with one range keeps it. */
function othersOf(nodes: Iterable<Stored<Node>>, self: string): Other[] {
  return [...nodes]
    .filter(({ metadata }) => metadata.name !== self)
    .sort((a, b) => compare(ageOf(a), ageOf(b)))
    .flatMap(({ metadata: { name }, spec: { podCIDR }, status: { addresses = [] } }) => {
      const address = addresses.find(({ type }) => type === 'InternalIP')?.address;
      return podCIDR && parseCidr(podCIDR) && address && parseAddress(address) !== undefined
        ? [{ name, address, podCIDR }]
        : [];
    });
}

const ageOf = ({ metadata }: Stored<Node>) => `${metadata.creationTimestamp} ${metadata.name}`;
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** The one whose net is the smallest that holds the address, as the kernel chooses; of equals, that of our own address. */
function linkTo(address: string, links: readonly Link[], { bridge, address: own }: PodMachine): Link | undefined {
  const target = parseAddress(address)!;
  const [best] = links
    .filter(({ device, cidr }) => device !== bridge && prefixOf(cidr) < 32 && sameNet(cidr, target))
    .sort((a, b) => prefixOf(b.cidr) - prefixOf(a.cidr) || Number(b.address === own) - Number(a.address === own));
  return best;
}

const prefixOf = (cidr: string) => Number(cidr.split('/')[1]);

function sameNet(cidr: string, target: number): boolean {
  const size = 2 ** (32 - prefixOf(cidr));
  const own = parseAddress(cidr.split('/')[0]!) ?? 0;
  return Math.floor(own / size) === Math.floor(target / size);
}

function rangeOf(text: string) {
  const range = parseCidr(text);
  if (!range) throw new Error(`${text} is not an address range such as 10.244.1.0/24`);
  return range;
}
