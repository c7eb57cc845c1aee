/** From a pod to what the runtime is told of its sandbox. Pure. */
import type { Pod } from '../../api/kinds/index.ts';
import type { Stored } from '../../api/object.ts';
import type { PodSpec } from '../../api/types/pod.ts';
import type { PortBinding, SandboxConfig } from '../../runtime/runtime.ts';

export interface ClusterDNS {
  address: string;
  /** `cluster.local`. */
  domain: string;
}

export function sandboxConfig(pod: Stored<Pod>, ip: string | undefined, dns: ClusterDNS | undefined): SandboxConfig {
  const { namespace, name, uid } = pod.metadata;
  const resolver = dnsOf(pod, dns);
  return {
    pod: { namespace, name, uid },
    hostname: hostnameOf(pod),
    ...(ip !== undefined && { ip }),
    hostNetwork: !!pod.spec.hostNetwork,
    ports: pod.spec.hostNetwork ? [] : hostPorts(pod.spec),
    ...(resolver && { dns: resolver }),
    annotations: {},
  };
}

/** The kernel allows 63 characters. */
export function hostnameOf(pod: Stored<Pod>): string {
  return (pod.spec.hostname || pod.metadata.name).slice(0, 63).replace(/[-.]+$/, '');
}

export function hostPorts(spec: PodSpec): PortBinding[] {
  const ports = [...(spec.initContainers ?? []), ...spec.containers].flatMap((c) => c.ports ?? []);
  return ports.flatMap(({ hostPort, containerPort, hostIP = '', protocol = 'TCP' }) =>
    hostPort ? [{ hostPort, containerPort, hostIP, protocol }] : [],
  );
}

/** Undefined leaves the host's resolver. `Default` is the host's, `None` only what the pod says itself. */
function dnsOf({ spec, metadata }: Stored<Pod>, dns: ClusterDNS | undefined): SandboxConfig['dns'] {
  const policy = spec.dnsPolicy ?? 'ClusterFirst';
  const ofCluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !spec.hostNetwork);
  const own = spec.dnsConfig ?? {};
  const base =
    ofCluster && dns
      ? { nameservers: [dns.address], searches: searches(metadata.namespace, dns.domain), options: ['ndots:5'] }
      : undefined;
  if (!base && policy !== 'None' && !spec.dnsConfig) return undefined;
  const options = (own.options ?? []).flatMap(({ name, value }) => (name ? [value ? `${name}:${value}` : name] : []));
  return {
    nameservers: [...(base?.nameservers ?? []), ...(own.nameservers ?? [])],
    searches: [...(base?.searches ?? []), ...(own.searches ?? [])],
    options: [...(base?.options ?? []), ...options],
  };
}

const searches = (namespace: string, domain: string) => [`${namespace}.svc.${domain}`, `svc.${domain}`, domain];
