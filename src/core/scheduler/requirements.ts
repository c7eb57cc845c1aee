/** What a pod asks of a node, worked out once, so that predicates and priorities compare plain numbers. */
import type { Pod } from '../api/kinds/index.ts';
import { keyOf, type Stored } from '../api/object.ts';
import { podRequests } from '../api/pod-requests.ts';

export interface PodRequirements {
  /** namespace/name. */
  readonly key: string;
  readonly uid: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The node the pod wants or has; '' when any will do. */
  readonly nodeName: string;
  readonly cpuMillis: number;
  readonly memoryBytes: number;
  readonly hostPorts: readonly number[];
  /** Disks that one pod of a node can use at a time, as `gce/NAME` or `aws/ID`. */
  readonly disks: readonly string[];
  readonly nodeSelector: readonly (readonly [key: string, value: string])[];
}

export function requirementsOf(pod: Stored<Pod>): PodRequirements {
  const { metadata, spec } = pod;
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  return {
    key: keyOf(pod),
    uid: metadata.uid,
    namespace: metadata.namespace,
    labels: metadata.labels ?? {},
    nodeName: spec.nodeName ?? '',
    ...podRequests(spec),
    hostPorts: containers.flatMap(({ ports = [] }) => ports.flatMap(({ hostPort }) => hostPort || [])),
    disks: disksOf(pod),
    nodeSelector: Object.entries(spec.nodeSelector ?? {}),
  };
}

function disksOf(pod: Stored<Pod>): string[] {
  const disks: string[] = [];
  for (const { gcePersistentDisk, awsElasticBlockStore } of pod.spec.volumes ?? []) {
    if (gcePersistentDisk) disks.push(`gce/${gcePersistentDisk.pdName}`);
    if (awsElasticBlockStore) disks.push(`aws/${awsElasticBlockStore.volumeID}`);
  }
  return disks;
}
