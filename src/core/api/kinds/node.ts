/** Nodes: the machines that run pods. */
import { ageColumn, nameColumn, none, textColumn, wide } from '../columns.ts';
import { sameValue } from '../equal.ts';
import { defineKind } from '../kind.ts';
import type { Stored } from '../object.ts';
import type { FieldError } from '../status.ts';
import { Node as schema } from '../types/node.ts';
import { validateClosedValues } from '../validation/closed-values.ts';
import { duplicate, forbiddenField, invalidBecause, invalidValue } from '../validation/errors.ts';
import { labelValueProblems, qualifiedNameProblems } from '../validation/names.ts';
import { describeNode, relatedToNode } from './node/describe.ts';
import { nodeRoles, nodeStatus } from './node/row.ts';

export const Node = defineKind<schema>({
  kind: 'Node',
  plural: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  namespaced: false,
  schema,

  subresources: ['status', 'proxy'],

  defaults({ status }) {
    if (status.capacity && !status.allocatable) status.allocatable = { ...status.capacity };
  },
  prepareForCreate({ status }) {
    status.phase ??= 'Pending';
  },
  validate: (node) => [...validateTaints(node.spec.taints), ...validateStatus(node)],
  validateUpdate: (node, old, subresource) => (subresource === '' ? validateUpdate(node, old) : validateStatus(node)),

  selectableFields: { 'spec.unschedulable': ({ spec }) => `${spec.unschedulable ?? false}` },
  columns: [
    nameColumn,
    textColumn('Status', 'Whether the node is ready and may be given pods.', nodeStatus),
    textColumn('Roles', 'What the node is for.', (node) => nodeRoles(node).join(',') || none),
    ageColumn,
    textColumn('Version', 'Version of the kubelet.', ({ status }) => status.nodeInfo.kubeletVersion),
    wide(textColumn('Internal-IP', 'Address within the cluster.', (node) => addressOf(node, 'InternalIP'))),
    wide(textColumn('External-IP', 'Address from outside.', (node) => addressOf(node, 'ExternalIP'))),
    wide(textColumn('OS-Image', 'Operating system.', ({ status }) => status.nodeInfo.osImage || unknown)),
    wide(textColumn('Kernel-Version', 'Version of the kernel.', kernel)),
    wide(
      textColumn(
        'Container-Runtime',
        'What runs the containers.',
        ({ status }) => status.nodeInfo.containerRuntimeVersion || unknown,
      ),
    ),
  ],
  related: relatedToNode,
  describe: describeNode,

  example: {
    metadata: { name: 'core-01', labels: { 'kubernetes.io/hostname': 'core-01' } },
    spec: { podCIDR: '10.244.1.0/24', podCIDRs: ['10.244.1.0/24'] },
    status: {
      capacity: { cpu: '2', memory: '4Gi', pods: '110' },
      addresses: [{ type: 'InternalIP', address: '172.17.8.101' }],
    },
  },
});
export type Node = schema;

const unknown = '<unknown>';

function addressOf({ status }: schema, type: string): string {
  return status.addresses?.find((address) => address.type === type)?.address ?? none;
}

function kernel({ status: { nodeInfo } }: schema): string {
  if (!nodeInfo.kernelVersion) return unknown;
  return nodeInfo.architecture ? `${nodeInfo.kernelVersion} (${nodeInfo.architecture})` : nodeInfo.kernelVersion;
}

function validateTaints(taints: schema['spec']['taints'] = []): FieldError[] {
  const seen = new Set<string>();
  return taints.flatMap(({ key, value = '', effect }, i) => {
    const at = `spec.taints[${i}]`;
    const errors = [
      ...invalidBecause(`${at}.key`, key, qualifiedNameProblems(key)),
      ...invalidBecause(`${at}.value`, value, labelValueProblems(value)),
    ];
    const pair = `${key}:${effect}`;
    if (seen.has(pair)) errors.push({ ...duplicate(at, pair), detail: 'taints must be unique by key and effect pair' });
    seen.add(pair);
    return errors;
  });
}

function validateStatus(node: schema): FieldError[] {
  return [
    ...validateClosedValues(schema, node),
    ...validateAmounts('status.capacity', node.status.capacity),
    ...validateAmounts('status.allocatable', node.status.allocatable),
  ];
}

function validateAmounts(field: string, amounts: Readonly<Record<string, string>> = {}): FieldError[] {
  return Object.entries(amounts).flatMap(([name, amount]) => [
    ...invalidBecause(`${field}[${name}]`, name, qualifiedNameProblems(name)),
    ...(amount.startsWith('-')
      ? [invalidValue(`${field}[${name}]`, amount, 'must be greater than or equal to 0')]
      : []),
  ]);
}

/** A range or a platform's id, once given, is what others rely on. */
function validateUpdate({ spec }: schema, { spec: old }: Stored<schema>): FieldError[] {
  const errors: FieldError[] = [];
  if (old.podCIDRs?.length && !sameValue(spec.podCIDRs, old.podCIDRs)) {
    errors.push(forbiddenField('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
  }
  if (old.providerID && spec.providerID !== old.providerID) {
    errors.push(forbiddenField('spec.providerID', 'node updates may not change providerID except from "" to valid'));
  }
  return errors;
}
