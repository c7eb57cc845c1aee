/** Columns of pods. */
import { ageColumn, nameColumn, none, textColumn, wide } from '../../columns.ts';
import type { Column } from '../../kind.ts';
import type { Stored } from '../../object.ts';
import type { Pod } from '../../types/pod.ts';
import { podRow, restartsText } from './row.ts';

export const podColumns: readonly Column<Pod>[] = [
  nameColumn,
  textColumn('Ready', 'How many containers are ready, of how many.', (pod) => {
    const { ready, total } = podRow(pod);
    return `${ready}/${total}`;
  }),
  textColumn('Status', 'The phase, or what containers wait for or ended with.', (pod) => podRow(pod).status),
  textColumn('Restarts', 'How often containers were started again, and when last.', (pod, now) =>
    restartsText(podRow(pod), now),
  ),
  ageColumn,
  wide(textColumn('IP', 'Address of the pod.', ({ status }) => status.podIPs?.[0]?.ip || status.podIP || none)),
  wide(textColumn('Node', 'The node the pod is bound to.', ({ spec }) => spec.nodeName || none)),
  wide(
    textColumn(
      'Nominated Node',
      'The node where room is being made.',
      ({ status }) => status.nominatedNodeName || none,
    ),
  ),
  wide(textColumn('Readiness Gates', 'How many of the awaited conditions are true, of how many.', readinessGates)),
];

function readinessGates({ spec, status }: Stored<Pod>): string {
  const gates = spec.readinessGates ?? [];
  if (!gates.length) return none;
  const open = gates.filter((gate) =>
    status.conditions?.some((c) => c.type === gate.conditionType && c.status === 'True'),
  );
  return `${open.length}/${gates.length}`;
}
