/** Endpoints: the addresses behind the service of the same name. */
import { ageColumn, nameColumn, none, textColumn } from '../columns.ts';
import { Description } from '../describe.ts';
import { eventsAbout } from '../describe-events.ts';
import { defineKind } from '../kind.ts';
import type { Stored } from '../object.ts';
import type { FieldError } from '../status.ts';
import { type EndpointAddress, type EndpointSubset, Endpoints as schema } from '../types/service.ts';
import { ipProblems } from '../validation/addresses.ts';
import { validateClosedValues } from '../validation/closed-values.ts';
import { invalidBecause, required } from '../validation/errors.ts';
import { dnsLabelProblems, portNameProblems } from '../validation/names.ts';
import { validatePortNumber } from '../validation/ports.ts';

export const Endpoints = defineKind<schema>({
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  namespaced: true,
  schema,

  createOnUpdate: true,

  defaults({ subsets = [] }) {
    for (const { ports = [] } of subsets) for (const port of ports) port.protocol ||= 'TCP';
  },
  validate: (endpoints) => [
    ...validateClosedValues(schema, endpoints),
    ...(endpoints.subsets ?? []).flatMap((subset, i) => validateSubset(`subsets[${i}]`, subset)),
  ],

  columns: [
    nameColumn,
    textColumn('Endpoints', 'Addresses and ports that are ready.', ({ subsets }) => formatEndpoints(subsets, 3)),
    ageColumn,
  ],
  related: (endpoints) => ({ events: eventsAbout('Endpoints', endpoints) }),
  describe,

  example: {
    metadata: { name: 'web', namespace: 'default' },
    subsets: [{ addresses: [{ ip: '10.244.1.5', nodeName: 'core-01' }], ports: [{ name: 'http', port: 80 }] }],
  },
});
export type Endpoints = schema;

/** `10.1.0.2:80,10.1.0.3:80 + 4 more...`; with `portName`, only the ports of that name. */
export function formatEndpoints(subsets: readonly EndpointSubset[] = [], max: number, portName?: string): string {
  const texts = subsets.flatMap(({ addresses = [], ports = [] }) => {
    if (!ports.length) return portName === undefined ? addresses.map(({ ip }) => bracketed(ip)) : [];
    const wanted = ports.filter((port) => portName === undefined || (port.name ?? '') === portName);
    return wanted.flatMap(({ port }) => addresses.map(({ ip }) => `${bracketed(ip)}:${port}`));
  });
  if (!texts.length) return none;
  const rest = texts.length > max ? ` + ${texts.length - max} more...` : '';
  return texts.slice(0, max).join(',') + rest;
}

const bracketed = (ip: string) => (ip.includes(':') ? `[${ip}]` : ip);

function validateSubset(
  field: string,
  { addresses = [], notReadyAddresses = [], ports = [] }: EndpointSubset,
): FieldError[] {
  const errors = [
    ...validateAddresses(`${field}.addresses`, addresses),
    ...validateAddresses(`${field}.notReadyAddresses`, notReadyAddresses),
  ];
  if (!addresses.length && !notReadyAddresses.length) {
    errors.push(required(field, 'must specify `addresses` or `notReadyAddresses`'));
  }
  for (const [i, { name, port }] of ports.entries()) {
    const at = `${field}.ports[${i}]`;
    if (name) errors.push(...invalidBecause(`${at}.name`, name, portNameProblems(name)));
    else if (ports.length > 1) errors.push(required(`${at}.name`));
    errors.push(...validatePortNumber(`${at}.port`, port));
  }
  return errors;
}

function validateAddresses(field: string, addresses: readonly EndpointAddress[]): FieldError[] {
  return addresses.flatMap(({ ip, hostname }, i) => [
    ...invalidBecause(`${field}[${i}].ip`, ip, ipProblems(ip)),
    ...(hostname ? invalidBecause(`${field}[${i}].hostname`, hostname, dnsLabelProblems(hostname)) : []),
  ]);
}

function describe(endpoints: Stored<schema>): string {
  const text = new Description().head(endpoints).labels(0, endpoints.metadata.labels);
  text.annotations(0, endpoints.metadata.annotations);
  const { subsets = [] } = endpoints;
  text.line(0, 'Subsets:', ...(subsets.length ? [] : [none]));
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets) {
    const join = (list: EndpointAddress[]) => list.map(({ ip }) => ip).join(',') || none;
    text.line(1, 'Addresses:', join(addresses)).line(1, 'NotReadyAddresses:', join(notReadyAddresses));
    if (!ports.length) continue;
    text.line(1, 'Ports:').line(2, 'Name', 'Port', 'Protocol').line(2, '----', '----', '--------');
    for (const { name = '<unset>', port, protocol = 'TCP' } of ports) text.line(2, name, port, protocol);
  }
  return text.toString();
}
