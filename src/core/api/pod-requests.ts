/** What a pod takes from its node. The scheduler, which promises it, and the kubelet, which admits it, must count alike. */
import { milliValue, value } from './quantity.ts';
import type { Container } from './types/container.ts';
import type { PodSpec } from './types/pod.ts';

export interface PodRequests {
  cpuMillis: number;
  memoryBytes: number;
}

/** The sum of its containers and sidecars, or the largest init container where that is more. */
export function podRequests({ containers, initContainers = [] }: PodSpec): PodRequests {
  const sum: PodRequests = { cpuMillis: 0, memoryBytes: 0 };
  for (const container of containers) add(sum, container);
  for (const init of initContainers) if (init.restartPolicy === 'Always') add(sum, init);
  for (const init of initContainers) {
    sum.cpuMillis = Math.max(sum.cpuMillis, cpuOf(init));
    sum.memoryBytes = Math.max(sum.memoryBytes, memoryOf(init));
  }
  return sum;
}

function add(sum: PodRequests, container: Container): void {
  sum.cpuMillis += cpuOf(container);
  sum.memoryBytes += memoryOf(container);
}

/** A container that names only limits is guaranteed them (0.17 knew nothing but limits). */
function cpuOf({ resources: { requests, limits } }: Container): number {
  const cpu = requests?.['cpu'] ?? limits?.['cpu'];
  return cpu === undefined ? 0 : milliValue(cpu);
}

function memoryOf({ resources: { requests, limits } }: Container): number {
  const memory = requests?.['memory'] ?? limits?.['memory'];
  return memory === undefined ? 0 : value(memory);
}
