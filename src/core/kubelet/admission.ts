/** What this node refuses though the scheduler, or whoever bound the pod, chose it (Kubernetes 0.17's handleNotFittingPods and its kin). Pure. */
import type { Pod } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import { podRequests } from '../api/pod-requests.ts';
import { hostPorts } from './config/sandbox.ts';

export interface NodeOffer {
  labels: Readonly<Record<string, string>>;
  cpuMillis: number;
  memoryBytes: number;
  pods: number;
}

export interface Rejection {
  /** The event's reason. */
  event: string;
  /** status.reason and status.message of the pod, which is then Failed. */
  reason: string;
  message: string;
}

/** `others` are the pods of this node that were let in before and have not ended. */
export function reject(pod: Stored<Pod>, others: readonly Stored<Pod>[], node: NodeOffer): Rejection | undefined {
  if (portsConflict(pod, others)) {
    return {
      event: 'hostPortConflict',
      reason: 'HostPortConflict',
      message: 'Pod cannot be started due to host port conflict',
    };
  }
  const wrong = Object.entries(pod.spec.nodeSelector ?? {}).find(([key, wanted]) => node.labels[key] !== wanted);
  if (wrong) {
    const message = 'Pod cannot be started due to node selector mismatch';
    return { event: 'nodeSelectorMismatching', reason: 'NodeSelectorMismatching', message };
  }
  if (exceeds([...others, pod], node)) {
    return {
      event: 'capacityExceeded',
      reason: 'CapacityExceeded',
      message: 'Pod cannot be started due to exceeded capacity',
    };
  }
  return undefined;
}

function portsConflict(pod: Stored<Pod>, others: readonly Stored<Pod>[]): boolean {
  const taken = others.flatMap(({ spec }) => hostPorts(spec));
  const anyAddress = (ip: string) => ip === '' || ip === '0.0.0.0';
  return hostPorts(pod.spec).some((wanted) =>
    taken.some(
      (t) =>
        t.hostPort === wanted.hostPort &&
        t.protocol === wanted.protocol &&
        (t.hostIP === wanted.hostIP || anyAddress(t.hostIP) || anyAddress(wanted.hostIP)),
    ),
  );
}

function exceeds(pods: readonly Stored<Pod>[], node: NodeOffer): boolean {
  let [cpu, memory] = [0, 0];
  for (const { spec } of pods) {
    const asks = podRequests(spec);
    cpu += asks.cpuMillis;
    memory += asks.memoryBytes;
  }
  return cpu > node.cpuMillis || memory > node.memoryBytes || pods.length > node.pods;
}
