/** What one line says about a node (kubernetes pkg/printers/internalversion printNode). */
import type { Node } from '../../types/node.ts';

/** `Ready`, `NotReady` or `Unknown` by the condition Ready, and whether new pods may come. */
export function nodeStatus({ spec, status }: Node): string {
  const ready = status.conditions?.find((condition) => condition.type === 'Ready');
  const word = !ready ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return spec.unschedulable ? `${word},SchedulingDisabled` : word;
}

const rolePrefix = 'node-role.kubernetes.io/';

export function nodeRoles({ metadata: { labels = {} } }: Node): string[] {
  const roles = Object.keys(labels)
    .filter((key) => key.startsWith(rolePrefix))
    .map((key) => key.slice(rolePrefix.length));
  const old = labels['kubernetes.io/role'];
  return [...new Set([...roles, ...(old ? [old] : [])])].filter((role) => role !== '').sort();
}
