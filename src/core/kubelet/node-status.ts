/** What the Node object of this machine says. Pure. */
import pkg from '../../../package.json' with { type: 'json' };
import { timestamp } from '../api/time.ts';
import type { NodeCondition, NodeStatus } from '../api/types/node.ts';
import type { RuntimeInfo } from '../runtime/runtime.ts';

export interface NodeIdentity {
  name: string;
  /** 32 hex digits that survive restarts. */
  machineID: string;
  address: string;
  /** The range that its pods' addresses are from. */
  podCIDR: string;
  /** Who has the machine, and which it is there: `kubecfg://CLUSTER/core-01`. */
  providerID?: string;
  labels?: Readonly<Record<string, string>>;
  annotations?: Readonly<Record<string, string>>;
  /** Its name unless given. */
  hostname?: string;
}

/** Where the kubelet's own server listens. */
export interface KubeletEndpoint {
  /** The host whose loopback address it is. */
  readonly host: string;
  readonly port: number;
}

export interface NodeReport {
  node: NodeIdentity;
  /** Undefined without a server. */
  endpoint: KubeletEndpoint | undefined;
  /** Undefined until the engine has told it. */
  info: RuntimeInfo | undefined;
  engineAnswers: boolean;
  now: number;
}

/** Kubernetes' limit of pods on a node. */
export const podsMax = 110;

export function nodeLabels(node: NodeIdentity, { operatingSystem, architecture }: RuntimeInfo): Record<string, string> {
  return {
    'kubernetes.io/hostname': node.hostname ?? node.name,
    'kubernetes.io/os': operatingSystem,
    'kubernetes.io/arch': architecture,
    ...node.labels,
  };
}

/** What others have written there stays. */
export function nodeStatus(before: NodeStatus, report: NodeReport): NodeStatus {
  const { node, info, endpoint } = report;
  const resources = info && {
    cpu: String(info.cpus),
    memory: `${Math.floor(info.memoryBytes / 1024)}Ki`,
    pods: String(podsMax),
  };
  return {
    ...before,
    phase: 'Running',
    ...(resources && { capacity: resources, allocatable: resources, nodeInfo: nodeInfo(node, info) }),
    addresses: [
      { type: 'InternalIP', address: node.address },
      { type: 'Hostname', address: node.hostname ?? node.name },
      // Without certificates it is not at the machine's own address, which its pods could reach.
      ...(endpoint && endpoint.host !== node.address ? [{ type: 'InternalDNS', address: endpoint.host }] : []),
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: endpoint?.port ?? 0 } },
    conditions: nodeConditions(before.conditions, report),
  };
}

function nodeInfo({ machineID }: NodeIdentity, info: RuntimeInfo): NodeStatus['nodeInfo'] {
  return {
    machineID,
    systemUUID: machineID,
    bootID: '',
    kernelVersion: info.kernelVersion,
    osImage: info.osImage,
    containerRuntimeVersion: info.version,
    kubeletVersion: `v${pkg.version}`,
    kubeProxyVersion: `v${pkg.version}`,
    operatingSystem: info.operatingSystem,
    architecture: info.architecture,
  };
}

export function nodeConditions(
  before: readonly NodeCondition[] = [],
  { engineAnswers, now }: Pick<NodeReport, 'engineAnswers' | 'now'>,
): NodeCondition[] {
  const condition = (type: string, is: boolean, why: { reason: string; message: string }): NodeCondition => {
    const status = is ? 'True' : 'False';
    const old = before.find((c) => c.type === type);
    const lastHeartbeatTime = timestamp(now);
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : lastHeartbeatTime;
    return { type, status, lastHeartbeatTime, lastTransitionTime, ...why };
  };
  const ready = engineAnswers
    ? { reason: 'KubeletReady', message: 'kubelet is posting ready status' }
    : { reason: 'KubeletNotReady', message: 'container runtime is down' };
  return [
    ...before.filter((c) => c.type !== 'Ready' && c.type !== 'Reachable'),
    condition('Reachable', true, { reason: 'KubeletReachable', message: 'the kubelet reaches the API server' }),
    condition('Ready', engineAnswers, ready),
  ];
}
