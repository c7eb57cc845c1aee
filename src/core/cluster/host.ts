/** What a cluster does otherwise when its machines are hosts of their own: ports for the others, and the way to them. */
import type { ApiServer, JoinOptions } from '../apiserver/index.ts';
import type { Transport } from '../client/transport.ts';
import type { ClusterConfig, HostRecord } from './config.ts';
import type { Identity } from './identity.ts';

/** Undefined where nobody can join. */
export function joinOptions(config: ClusterConfig, identity: Identity | undefined): JoinOptions | undefined {
  if (!identity?.master || !config.host) return undefined;
  const { authority } = identity.master;
  const { name, portalNet, podNet, machineNet } = config;
  const { servers } = config.host;
  return { authority, cluster: () => ({ name, portalNet, podNet, machineNet, servers }) };
}

export async function listenToHosts(server: ApiServer, config: ClusterConfig, identity: Identity): Promise<void> {
  const { securePort = 0 } = config.host ?? {};
  const address = config.machines[0]?.address ?? '127.0.0.1';
  await server.listenSecure({ host: address, port: securePort }, { ca: identity.ca, ...identity.master!.server });
}

export async function connectToMasters({ servers }: HostRecord, { ca, node }: Identity): Promise<Transport> {
  const { createFailoverTransport } = await import('../client/failover.ts');
  return createFailoverTransport({ servers, tls: { ca, ...node } });
}
