/** `describe` of a service, in the order of kubectl. */
import { none } from '../../columns.ts';
import { Description } from '../../describe.ts';
import type { Related } from '../../kind.ts';
import type { Stored } from '../../object.ts';
import { formatLabels } from '../../selectors.ts';
import type { Endpoints, Service } from '../../types/service.ts';
import { formatEndpoints } from '../endpoints.ts';

export function describeService(service: Stored<Service>, related: Related): string {
  const { metadata, spec, status } = service;
  const text = new Description().head(service);
  text.labels(0, metadata.labels).annotations(0, metadata.annotations);
  text.line(0, 'Selector:', formatLabels(spec.selector)).line(0, 'Type:', spec.type ?? '');
  if (spec.ipFamilyPolicy) text.line(0, 'IP Family Policy:', spec.ipFamilyPolicy);
  if (spec.ipFamilies) text.line(0, 'IP Families:', spec.ipFamilies.join(','));
  text.line(0, 'IP:', spec.clusterIP || none).line(0, 'IPs:', spec.clusterIPs?.join(',') || none);
  if (spec.externalIPs) text.line(0, 'External IPs:', spec.externalIPs.join(','));
  if (spec.externalName) text.line(0, 'External Name:', spec.externalName);
  const ingress = (status.loadBalancer.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname).join(', ');
  if (ingress) text.line(0, 'LoadBalancer Ingress:', ingress);
  describePorts(text, service, related['endpoints']?.[0] as Stored<Endpoints> | undefined);
  text.line(0, 'Session Affinity:', spec.sessionAffinity ?? '');
  if (spec.externalTrafficPolicy) text.line(0, 'External Traffic Policy:', spec.externalTrafficPolicy);
  if (spec.internalTrafficPolicy) text.line(0, 'Internal Traffic Policy:', spec.internalTrafficPolicy);
  return text.toString();
}

function describePorts(text: Description, { spec }: Stored<Service>, endpoints: Stored<Endpoints> | undefined): void {
  for (const { name = '', port, protocol = 'TCP', targetPort = port, nodePort } of spec.ports ?? []) {
    text.line(0, 'Port:', name || '<unset>', `${port}/${protocol}`);
    text.line(0, 'TargetPort:', `${targetPort}/${protocol}`);
    if (nodePort) text.line(0, 'NodePort:', name || '<unset>', `${nodePort}/${protocol}`);
    text.line(0, 'Endpoints:', formatEndpoints(endpoints?.subsets, 3, name));
  }
}
