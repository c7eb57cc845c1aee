/** Columns of pods. */
import { ageColumn, nameColumn, none } from '../../columns.ts';
import type { Column } from '../../kind.ts';
import type { Stored } from '../../object.ts';
import type { Pod } from '../../types/pod.ts';
import { podRow, restartsText } from './row.ts';

export const podColumns: readonly Column<Pod>[] = [
  nameColumn,
  {
    name: 'Ready',
    type: 'string',
    description: 'How many containers are ready, of how many.',
    cell: (pod) => {
      const { ready, total } = podRow(pod);
      return `${ready}/${total}`;
    },
  },
  {
    name: 'Status',
    type: 'string',
    description: 'The phase of the pod, or what its containers wait for or ended with.',
    cell: (pod) => podRow(pod).status,
  },
  {
    name: 'Restarts',
    type: 'string',
    description: 'How often containers of the pod were started again, and when last.',
    cell: (pod, now) => restartsText(podRow(pod), now),
  },
  ageColumn,
  {
    name: 'IP',
    type: 'string',
    priority: 1,
    description: 'Address of the pod, once it has one.',
    cell: (pod) => pod.status.podIPs?.[0]?.ip || pod.status.podIP || none,
  },
  {
    name: 'Node',
    type: 'string',
    priority: 1,
    description: 'The node the pod is bound to.',
    cell: (pod) => pod.spec.nodeName || none,
  },
  {
    name: 'Nominated Node',
    type: 'string',
    priority: 1,
    description: 'The node on which room is being made for the pod.',
    cell: (pod) => pod.status.nominatedNodeName || none,
  },
  {
    name: 'Readiness Gates',
    type: 'string',
    priority: 1,
    description: 'How many of the conditions the pod waits for are true, of how many.',
    cell: readinessGates,
  },
];

function readinessGates({ spec, status }: Stored<Pod>): string {
  const gates = spec.readinessGates ?? [];
  if (!gates.length) return none;
  const open = gates.filter((gate) =>
    status.conditions?.some((c) => c.type === gate.conditionType && c.status === 'True'),
  );
  return `${open.length}/${gates.length}`;
}
