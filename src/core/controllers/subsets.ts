/** Which addresses answer for a service: its pods, grouped by the ports that they offer. */
import type { Pod, Service } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import { isFinished } from '../api/states.ts';
import type { EndpointAddress, EndpointPort, EndpointSubset, ServicePort } from '../api/types/service.ts';
import { isReady } from './pods.ts';

interface Group {
  readonly ports: EndpointPort[];
  readonly ready: EndpointAddress[];
  readonly notReady: EndpointAddress[];
}

/** The same pods give the same subsets, whatever their order. */
export function subsetsOf(service: Stored<Service>, pods: Iterable<Stored<Pod>>): EndpointSubset[] {
  const everyone = service.spec.publishNotReadyAddresses ?? false;
  const groups = new Map<string, Group>();
  for (const pod of pods) {
    if (!pod.status.podIP || isFinished(pod) || (pod.metadata.deletionTimestamp && !everyone)) continue;
    const ports = portsOf(service, pod);
    if (!ports) continue;
    const key = JSON.stringify(ports);
    let group = groups.get(key);
    if (!group) {
      group = { ports, ready: [], notReady: [] };
      groups.set(key, group);
    }
    const list = everyone || isReady(pod) ? group.ready : group.notReady;
    list.push(addressOf(service, pod, pod.status.podIP));
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => toSubset(group));
}

function toSubset({ ports, ready, notReady }: Group): EndpointSubset {
  return {
    ...(ready.length > 0 && { addresses: ready.sort(byAddress) }),
    ...(notReady.length > 0 && { notReadyAddresses: notReady.sort(byAddress) }),
    ...(ports.length > 0 && { ports }),
  };
}

/** Pods in their host's network share its address. */
function byAddress(a: EndpointAddress, b: EndpointAddress): number {
  if (a.ip !== b.ip) return a.ip < b.ip ? -1 : 1;
  return (a.targetRef?.uid ?? '') < (b.targetRef?.uid ?? '') ? -1 : 1;
}

/** Undefined when the service has ports and the pod offers none of them. A headless service may have none. */
function portsOf({ spec }: Stored<Service>, pod: Stored<Pod>): EndpointPort[] | undefined {
  const asked = spec.ports ?? [];
  if (asked.length === 0) return spec.clusterIP === 'None' ? [] : undefined;
  const ports = asked.flatMap((port) => {
    const number = targetOf(port, pod);
    return number === undefined ? [] : [toEndpointPort(port, number)];
  });
  return ports.length > 0 ? ports.sort((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1)) : undefined;
}

function toEndpointPort({ name, protocol = 'TCP', appProtocol }: ServicePort, port: number): EndpointPort {
  return { ...(name && { name }), port, protocol, ...(appProtocol && { appProtocol }) };
}

/** A name is looked up among the pod's container ports of the same protocol. */
function targetOf({ port, targetPort, protocol = 'TCP' }: ServicePort, pod: Stored<Pod>): number | undefined {
  if (typeof targetPort !== 'string') return targetPort || port;
  for (const container of pod.spec.containers) {
    const found = container.ports?.find((p) => p.name === targetPort && (p.protocol ?? 'TCP') === protocol);
    if (found) return found.containerPort;
  }
  return undefined;
}

function addressOf(service: Stored<Service>, { kind, metadata, spec }: Stored<Pod>, ip: string): EndpointAddress {
  const { namespace, name, uid } = metadata;
  const hasName = spec.hostname && spec.subdomain === service.metadata.name;
  return {
    ip,
    ...(hasName && { hostname: spec.hostname }),
    ...(spec.nodeName && { nodeName: spec.nodeName }),
    targetRef: { kind: kind ?? 'Pod', namespace, name, uid },
  };
}
