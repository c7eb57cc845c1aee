/** The words for a pod that no node can take: the reason of each node, or of the first few and counts for the rest. */
import type { Misfit } from './algorithm.ts';

const nodesNamed = 5;

export function fitErrorMessage(pod: string, misfits: readonly Misfit[]): string {
  if (misfits.length === 0) return `failed to find fit for pod: ${pod}: there are no nodes`;
  const named = misfits.slice(0, nodesNamed).map(({ node, reason, predicate }) => {
    return `Node ${node}: ${predicate ? `${reason} (${predicate})` : reason}`;
  });
  const text = `failed to find fit for pod: ${pod}: ${named.join(', ')}`;
  if (misfits.length <= nodesNamed) return text;
  return `${text} and ${misfits.length - nodesNamed} more; of all: ${countReasons(misfits)}`;
}

/** `12 insufficient cpu, 3 node is not ready`: the most frequent first. */
function countReasons(misfits: readonly Misfit[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of misfits) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return sorted.map(([reason, count]) => `${count} ${reason}`).join(', ');
}
