/** The variables by which a container finds the services (kubernetes pkg/kubelet/envvars). Pure. */
import type { Service } from '../../api/kinds/index.ts';
import type { Stored } from '../../api/object.ts';

export interface ServiceEnvInput {
  namespace: string;
  /** spec.enableServiceLinks: variables for all services of the namespace, not only for the API's own. */
  links: boolean;
  /** The namespace's services, and those of `default`. */
  services: Iterable<Stored<Service>>;
}

/** Services that every pod sees, wherever it is (the master service namespace's). */
const everywhere = new Set(['kubernetes', 'kubernetes-ro']);
const masterNamespace = 'default';

export function serviceEnv({ namespace, links, services }: ServiceEnvInput): Map<string, string> {
  const visible = new Map<string, Stored<Service>>();
  for (const service of services) {
    const { name, namespace: its } = service.metadata;
    const { clusterIP } = service.spec;
    if (!clusterIP || clusterIP === 'None') continue;
    const own = its === namespace && (links || everywhere.has(name));
    // A service of the same name in the pod's own namespace comes first.
    const master = its === masterNamespace && everywhere.has(name) && !visible.has(name);
    if (own || master) visible.set(name, service);
  }
  const variables = new Map<string, string>();
  for (const name of [...visible.keys()].sort()) addService(variables, visible.get(name)!);
  return variables;
}

function addService(variables: Map<string, string>, service: Stored<Service>): void {
  const prefix = variableName(service.metadata.name);
  const { clusterIP = '', ports = [] } = service.spec;
  const [first] = ports;
  if (!first) return;
  variables.set(`${prefix}_SERVICE_HOST`, clusterIP);
  variables.set(`${prefix}_SERVICE_PORT`, String(first.port));
  for (const { name, port } of ports) {
    if (name) variables.set(`${prefix}_SERVICE_PORT_${variableName(name)}`, String(port));
  }
  // What Docker's links set.
  const url = (p: { port: number; protocol?: string | undefined }) =>
    `${(p.protocol ?? 'TCP').toLowerCase()}://${clusterIP}:${p.port}`;
  variables.set(`${prefix}_PORT`, url(first));
  for (const port of ports) {
    const protocol = port.protocol ?? 'TCP';
    const one = `${prefix}_PORT_${port.port}_${protocol}`;
    variables.set(one, url(port));
    variables.set(`${one}_PROTO`, protocol.toLowerCase());
    variables.set(`${one}_PORT`, String(port.port));
    variables.set(`${one}_ADDR`, clusterIP);
  }
}

const variableName = (name: string) => name.toUpperCase().replaceAll('-', '_');
