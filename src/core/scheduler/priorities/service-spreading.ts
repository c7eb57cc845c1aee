import type { Priority } from '../algorithm.ts';

/** The node with the fewest pods of the same service. */
export const serviceSpreading: Priority = {
  name: 'ServiceSpreadingPriority',
  weight: 1,
  scorer(pod, surroundings) {
    const perNode = surroundings.servicePods(pod);
    let most = 0;
    for (const count of perNode.values()) most = Math.max(most, count);
    if (most === 0) return () => 10;
    return (node) => Math.trunc((10 * (most - (perNode.get(node.name) ?? 0))) / most);
  },
};
