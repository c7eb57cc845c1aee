/** One Docker bridge network for each cluster: the pods of all its local machines sit on it with addresses we choose. */
import { ask, type Docker, EngineError, ignoring } from './client.ts';
import { filterOf, labels } from './labels.ts';

export interface ClusterNetwork {
  name: string;
  /** CIDR of all pod addresses; a machine's range is a part of it. */
  subnet: string;
  gateway: string;
  /** The bridge's interface on the host. */
  bridge: string;
}

export function networkName(cluster: string): string {
  return `kubecfg-${cluster}`;
}

export interface NetworkWishes {
  cluster: string;
  subnet: string;
  gateway: string;
  /** The engine leaves pods their own addresses, whatever they send to: somebody else sees to it. */
  ownAddresses?: boolean;
}

/** Creates the cluster's network, or answers the one that is there, which may have another range. */
export async function ensureNetwork(docker: Docker, version: string, wanted: NetworkWishes): Promise<ClusterNetwork> {
  const name = networkName(wanted.cluster);
  const found = await findNetwork(docker, name);
  if (found) return found;
  const network = await ask(
    docker.createNetwork({
      Name: name,
      Driver: 'bridge',
      CheckDuplicate: true,
      IPAM: { Driver: 'default', Config: [{ Subnet: wanted.subnet, Gateway: wanted.gateway }] },
      Options: wanted.ownAddresses ? ownAddressOptions(version) : {},
      Labels: { [labels.cluster]: wanted.cluster },
    }),
  );
  return { name, subnet: wanted.subnet, gateway: wanted.gateway, bridge: bridgeOf(network.id) };
}

/**
 * From 28 on, the engine drops what comes to a container's own address from elsewhere, before anybody's rules could let it
 * through (moby/moby#49325, #49829), unless it is told to leave that alone; older ones refuse the word for it.
 */
export function ownAddressOptions(version: string): Record<string, string> {
  const bridge = 'com.docker.network.bridge';
  return {
    [`${bridge}.enable_ip_masquerade`]: 'false',
    ...(Number.parseInt(version, 10) >= 28 && { [`${bridge}.gateway_mode_ipv4`]: 'nat-unprotected' }),
  };
}

export async function removeNetworks(docker: Docker, cluster: string): Promise<void> {
  for (const { Id } of await ask(docker.listNetworks({ filters: filterOf({ cluster }) }))) {
    await ask(docker.getNetwork(Id).remove()).catch(ignoring(404));
  }
}

/** The ranges of all networks of the engine, ours or not, so that a new one can keep clear of them. */
export async function usedSubnets(docker: Docker): Promise<string[]> {
  const networks = await ask(docker.listNetworks());
  return networks.flatMap(({ IPAM }) => (IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []));
}

async function findNetwork(docker: Docker, name: string): Promise<ClusterNetwork | undefined> {
  try {
    const { Id, IPAM } = await ask(docker.getNetwork(name).inspect());
    const range = IPAM?.Config?.[0];
    return { name, subnet: range?.Subnet ?? '', gateway: range?.Gateway ?? '', bridge: bridgeOf(Id) };
  } catch (error) {
    if (error instanceof EngineError && error.statusCode === 404) return undefined;
    throw error;
  }
}

/** Docker's own rule for naming the interface. */
function bridgeOf(networkID: string): string {
  return `br-${networkID.slice(0, 12)}`;
}
