import type { Priority } from '../algorithm.ts';

/** The node whose cpu and memory would be used to the same degree, so that neither runs out while the other lies idle. */
export const balancedResourceAllocation: Priority = {
  name: 'BalancedResourceAllocation',
  weight: 1,
  scorer: (pod) => (node) => {
    const cpu = used(node.cpuMillis + pod.cpuMillis, node.capacity.cpuMillis);
    const memory = used(node.memoryBytes + pod.memoryBytes, node.capacity.memoryBytes);
    if (cpu >= 1 || memory >= 1) return 0;
    return Math.trunc(10 - 10 * Math.abs(cpu - memory));
  },
};

function used(requested: number, capacity: number): number {
  return capacity === 0 ? 1 : requested / capacity;
}
