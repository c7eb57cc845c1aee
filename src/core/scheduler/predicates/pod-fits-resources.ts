import type { Predicate } from '../algorithm.ts';

/**
 * The sums of requested cpu and memory stay within the node's capacity; an amount the node does not state is unlimited,
 * and a pod that asks for nothing always fits. Two deviations from 0.17: pods that have finished do not count (there
 * they held their resources until somebody deleted them), and a capacity of pods is honoured where a node states one.
 */
export const podFitsResources: Predicate = {
  name: 'PodFitsResources',
  misfit(pod, { capacity, cpuMillis, memoryBytes, pods }) {
    if (capacity.pods > 0 && pods + 1 > capacity.pods) return 'too many pods';
    if (pod.cpuMillis > 0 && capacity.cpuMillis > 0 && cpuMillis + pod.cpuMillis > capacity.cpuMillis) {
      return 'insufficient cpu';
    }
    if (pod.memoryBytes > 0 && capacity.memoryBytes > 0 && memoryBytes + pod.memoryBytes > capacity.memoryBytes) {
      return 'insufficient memory';
    }
    return undefined;
  },
};
