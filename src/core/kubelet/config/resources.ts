/** Requests and limits of containers as the engine and the API want them. Pure. */
import { milliValue, value } from '../../api/quantity.ts';
import type { ResourceRequirements } from '../../api/types/container.ts';
import type { ContainerConfig } from '../../runtime/runtime.ts';

/**
 * Shares are milli · 1024 / 1000, at least 2, and the engine's default where nothing is asked (Kubernetes 0.17:
 * containers of all pods are siblings in the engine's one group, so the 2 shares that today's kubelet gives inside its
 * own group for such pods would starve them next to the rest of the host).
 */
export function engineResources(
  resources: ResourceRequirements,
): Pick<ContainerConfig, 'cpuShares' | 'cpuMillis' | 'memoryBytes'> {
  const { requests = {}, limits = {} } = resources;
  const cpu = requests['cpu'] ?? limits['cpu'];
  const shares = cpu === undefined ? 0 : Math.max(2, Math.floor((milliValue(cpu) * 1024) / 1000));
  const cpuMillis = limits['cpu'] === undefined ? 0 : milliValue(limits['cpu']);
  const memoryBytes = limits['memory'] === undefined ? 0 : value(limits['memory']);
  return {
    ...(shares > 0 && { cpuShares: shares }),
    ...(cpuMillis > 0 && { cpuMillis }),
    ...(memoryBytes > 0 && { memoryBytes }),
  };
}
