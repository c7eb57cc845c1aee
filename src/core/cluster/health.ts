import type { ClusterConfig } from './config.ts';

/**
 * How fast a local cluster notices a dead machine. The original waits 40 s and then 5 min; on one host there is no network to
 * doubt, so a missed heartbeat means a dead machine and its pods are replaced within 10 s.
 */
export interface HealthPeriods {
  /** Between two status writes of a kubelet. */
  heartbeatMs: number;
  /** Without a heartbeat for so long a node is Unknown. */
  monitorGraceMs: number;
  /** From then until its pods are deleted. */
  podEvictionTimeoutMs: number;
}

/** As the record has it: machines of this host, or one that is a host of its own. */
export function healthPeriods({ host, machines }: ClusterConfig): HealthPeriods {
  return host ? betweenHosts : localHealth(machines.length);
}

/** When a master's machine dies, heartbeats wait until etcd has a leader and the kubelets have found another server. */
const betweenHosts: HealthPeriods = { heartbeatMs: 2000, monitorGraceMs: 8000, podEvictionTimeoutMs: 0 };

/** Heartbeats of all machines together stay below 20 writes a second; simulations of hundreds of machines react later. */
function localHealth(machines: number): HealthPeriods {
  const heartbeatMs = Math.max(2000, machines * 50);
  return { heartbeatMs, monitorGraceMs: Math.ceil(heartbeatMs * 2.5), podEvictionTimeoutMs: 0 };
}
