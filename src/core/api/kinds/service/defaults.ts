/**
 * What a service gets that the user left out (kubernetes apis/core/v1/defaults.go), and what an update keeps. Addresses
 * and node ports are given out by the API server's admission.
 */
import { sameValue } from '../../equal.ts';
import type { Stored } from '../../object.ts';
import type { Service, ServiceSpec } from '../../types/service.ts';

export function defaultService({ spec }: Service): void {
  spec.type ||= 'ClusterIP';
  spec.sessionAffinity ||= 'None';
  if (spec.sessionAffinity === 'ClientIP') spec.sessionAffinityConfig ??= { clientIP: { timeoutSeconds: 10800 } };
  for (const port of spec.ports ?? []) {
    port.protocol ||= 'TCP';
    port.targetPort ||= port.port;
  }
  if (spec.clusterIP && !spec.clusterIPs) spec.clusterIPs = [spec.clusterIP];
  if (!spec.clusterIP && spec.clusterIPs) spec.clusterIP = spec.clusterIPs[0];
  if (spec.type === 'ExternalName') return;

  spec.internalTrafficPolicy ||= 'Cluster';
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
  if (isExternal(spec)) spec.externalTrafficPolicy ||= 'Cluster';
  defaultFamilies(spec);
}

/** Reachable from outside of the cluster. */
const isExternal = (spec: ServiceSpec) => hasNodePorts(spec) || (spec.externalIPs?.length ?? 0) > 0;

/** A headless service without a selector may be given endpoints of either family. */
function defaultFamilies(spec: ServiceSpec): void {
  const either = spec.clusterIP === 'None' && !spec.selector;
  spec.ipFamilyPolicy ||= either ? 'RequireDualStack' : 'SingleStack';
  spec.ipFamilies ??= spec.ipFamilyPolicy === 'RequireDualStack' ? ['IPv4', 'IPv6'] : ['IPv4'];
}

const allocated = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'healthCheckNodePort'] as const;

/** What was given out stays when the request leaves it out, and goes when the new type has no use for it. */
export function keepAllocated({ spec }: Service, { spec: old }: Stored<Service>): void {
  if (spec.type !== old.type) dropUnused(spec, old);
  if (spec.type !== 'ExternalName' && old.type !== 'ExternalName') {
    const given = allocated.filter((field) => !spec[field] && old[field]);
    Object.assign(spec, Object.fromEntries(given.map((field) => [field, old[field]])));
  }
  if (!hasNodePorts(spec)) return;
  for (const port of spec.ports ?? []) {
    const before = old.ports?.find((p) => p.port === port.port && p.protocol === port.protocol);
    if (!port.nodePort && before?.nodePort) port.nodePort = before.nodePort;
  }
}

const hasNodePorts = ({ type }: ServiceSpec) => type === 'NodePort' || type === 'LoadBalancer';

/** A client that sends back what it read with another type did not ask for the old type's fields. */
function dropUnused(spec: ServiceSpec, old: ServiceSpec): void {
  if (spec.type === 'ExternalName' && sameValue(spec.clusterIPs, old.clusterIPs)) {
    for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy'] as const) {
      delete spec[field];
    }
  }
  if (!hasNodePorts(spec)) {
    for (const port of spec.ports ?? []) {
      if (old.ports?.some((p) => p.nodePort === port.nodePort)) delete port.nodePort;
    }
  }
  if (!isExternal(spec)) delete spec.externalTrafficPolicy;
  if (spec.type !== 'LoadBalancer') {
    delete spec.allocateLoadBalancerNodePorts;
    delete spec.healthCheckNodePort;
  }
}
