/** Requests and limits of containers as the engine and the API want them. Pure. */
import { milliValue, value } from '../../api/quantity.ts';
import type { Container, ResourceRequirements } from '../../api/types/container.ts';
import type { PodSpec } from '../../api/types/pod.ts';
import type { ContainerConfig } from '../../runtime/runtime.ts';

/**
 * Shares are milli · 1024 / 1000, at least 2, and the engine's default where nothing is asked (kubelet-proxy.md §3:
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

/** What the pod takes from the node: the containers' sum, or the largest init container where that is more. */
export function podRequests(spec: PodSpec): { cpuMillis: number; memoryBytes: number } {
  const sum = (list: readonly Container[], name: string, of: (text: string) => number) =>
    list.reduce((total, c) => total + requestOf(c, name, of), 0);
  const inits = spec.initContainers ?? [];
  const sidecars = inits.filter((c) => c.restartPolicy === 'Always');
  const largest = (name: string, of: (text: string) => number) => {
    const running = sum([...spec.containers, ...sidecars], name, of);
    return Math.max(running, ...inits.map((c) => requestOf(c, name, of)));
  };
  return { cpuMillis: largest('cpu', milliValue), memoryBytes: largest('memory', value) };
}

function requestOf(c: Container, name: string, of: (text: string) => number): number {
  const text = c.resources.requests?.[name] ?? c.resources.limits?.[name];
  return text === undefined ? 0 : of(text);
}
