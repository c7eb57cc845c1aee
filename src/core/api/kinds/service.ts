/** Services: one address and name for whichever pods a selector finds. */
import { localPortsAnnotation } from '../annotations.ts';
import { ageColumn, nameColumn, none, textColumn, wide } from '../columns.ts';
import { eventsAbout } from '../describe-events.ts';
import { defineKind } from '../kind.ts';
import { formatLabels } from '../selectors.ts';
import { Service as schema } from '../types/service.ts';
import { validateClosedValues } from '../validation/closed-values.ts';
import { defaultService, keepAllocated } from './service/defaults.ts';
import { describeService } from './service/describe.ts';
import { validateServiceSpec, validateServiceUpdate } from './service/validate.ts';

export const Service = defineKind<schema>({
  kind: 'Service',
  plural: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  // Environment variables and host names are made of it.
  nameForm: 'label',
  schema,

  subresources: ['status', 'proxy'],
  createOnUpdate: true,
  deleteAnswersObject: true,

  defaults: defaultService,
  prepareForCreate(service) {
    service.status = { loadBalancer: {} };
  },
  prepareForUpdate: keepAllocated,
  validate: (service) => [...validateClosedValues(schema, service), ...validateServiceSpec(service.spec)],
  validateUpdate: (service, old, subresource) =>
    subresource === '' ? validateServiceUpdate(service, old) : validateClosedValues(schema, service),

  selectableFields: {
    'spec.clusterIP': ({ spec }) => spec.clusterIP ?? '',
    'spec.type': ({ spec }) => spec.type ?? '',
  },
  columns: [
    nameColumn,
    textColumn('Type', 'From where the service can be reached.', ({ spec }) => spec.type ?? ''),
    textColumn(
      'Cluster-IP',
      'Address within the cluster.',
      ({ spec }) => spec.clusterIPs?.[0] || spec.clusterIP || none,
    ),
    textColumn('External-IP', 'Address from outside.', externalAddress),
    textColumn('Port(s)', 'Ports, and ports of the nodes.', portsText),
    ageColumn,
    wide(textColumn('Selector', 'Labels of the pods behind it.', ({ spec }) => formatLabels(spec.selector))),
  ],
  related: (service) => ({
    endpoints: { plural: 'endpoints', fieldSelector: `metadata.name=${service.metadata.name}` },
    events: eventsAbout('Service', service),
  }),
  describe: describeService,

  example: {
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  },
});
export type Service = schema;

function externalAddress({ metadata, spec, status }: schema): string {
  if (spec.type === 'ExternalName') return spec.externalName ?? '';
  // Where the proxy may not change the firewall, these are the addresses that work.
  const local = metadata.annotations?.[localPortsAnnotation];
  if (local) return local;
  const outside = spec.externalIPs ?? [];
  if (spec.type !== 'LoadBalancer') return outside.join(',') || none;
  const ingress = (status.loadBalancer.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '');
  return [...ingress.sort(), ...outside].join(',') || '<pending>';
}

function portsText({ spec: { ports = [] } }: schema): string {
  const texts = ports.map(({ port, nodePort, protocol = 'TCP' }) =>
    nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  );
  return texts.join(',') || none;
}
