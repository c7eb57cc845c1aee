import type { Priority } from '../algorithm.ts';

/** The node with the most cpu and memory left, the pod's own share counted. */
export const leastRequested: Priority = {
  name: 'LeastRequestedPriority',
  weight: 1,
  scorer: (pod) => (node) => {
    const cpu = free(node.cpuMillis + pod.cpuMillis, node.capacity.cpuMillis);
    const memory = free(node.memoryBytes + pod.memoryBytes, node.capacity.memoryBytes);
    return Math.floor((cpu + memory) / 2);
  },
};

/** Tenths of the capacity that stay free. */
function free(requested: number, capacity: number): number {
  if (capacity === 0 || requested > capacity) return 0;
  return Math.floor(((capacity - requested) * 10) / capacity);
}
