/** What the proxy has to do, worked out from services and endpoints alone: pure, the same for every data path. */
import type { Endpoints, Service } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';

export interface Backend {
  ip: string;
  port: number;
}

/** One service port and where its connections go. */
export interface Portal {
  /** `namespace/name:port`, with the port's name where it has one. */
  name: string;
  protocol: 'TCP' | 'UDP' | 'SCTP';
  /** The portal address and the service's external addresses. */
  addresses: readonly string[];
  port: number;
  /** Also open on every machine's own addresses. */
  nodePort?: number;
  /** Connections of one client go to one backend (sessionAffinity ClientIP). */
  clientAffinity: boolean;
  backends: readonly Backend[];
}

/** Sorted by name, so that equal state gives equal rules. Services without a portal address are skipped (headless). */
export function portalsOf(
  services: Iterable<Stored<Service>>,
  endpointsOf: (namespace: string, name: string) => Stored<Endpoints> | undefined,
): Portal[] {
  const portals: Portal[] = [];
  for (const service of services) {
    const { clusterIP, externalIPs = [], sessionAffinity, ports = [] } = service.spec;
    if (!clusterIP || clusterIP === 'None') continue;
    const { namespace, name } = service.metadata;
    const endpoints = endpointsOf(namespace, name);
    for (const port of ports) {
      portals.push({
        name: `${namespace}/${name}:${port.name || port.port}`,
        protocol: port.protocol ?? 'TCP',
        addresses: [clusterIP, ...externalIPs],
        port: port.port,
        ...(port.nodePort ? { nodePort: port.nodePort } : {}),
        clientAffinity: sessionAffinity === 'ClientIP',
        backends: endpoints ? backendsOf(endpoints, port.name ?? '', port.protocol ?? 'TCP') : [],
      });
    }
  }
  return portals.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The ready addresses of the endpoints port with the service port's name. */
function backendsOf(endpoints: Stored<Endpoints>, portName: string, protocol: string): Backend[] {
  const backends: Backend[] = [];
  for (const subset of endpoints.subsets ?? []) {
    const port = subset.ports?.find((p) => (p.name ?? '') === portName && (p.protocol ?? 'TCP') === protocol);
    if (!port) continue;
    for (const address of subset.addresses ?? []) backends.push({ ip: address.ip, port: port.port });
  }
  return backends.sort((a, b) => (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : a.port - b.port));
}
