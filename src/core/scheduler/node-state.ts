/** A node and the sums over its pods, kept up to date one pod at a time so that no decision scans pods. */
import type { Node } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import { milliValue, value } from '../api/quantity.ts';
import { readyCondition } from '../api/states.ts';
import type { PodRequirements } from './requirements.ts';

/** What a node offers; 0 is unlimited, as in 0.17. */
export interface Capacity {
  readonly cpuMillis: number;
  readonly memoryBytes: number;
  readonly pods: number;
}
const unlimited: Capacity = { cpuMillis: 0, memoryBytes: 0, pods: 0 };

export class NodeState {
  readonly name: string;
  /** Why no pod may be put here at all; undefined when pods may. */
  unavailable: string | undefined = 'node is unknown';
  labels: Readonly<Record<string, string>> = {};
  capacity = unlimited;

  /** Sums over the pods that are assigned or assumed. */
  cpuMillis = 0;
  memoryBytes = 0;
  pods = 0;
  readonly #hostPorts = new Map<number, number>();
  readonly #disks = new Map<string, number>();

  constructor(name: string) {
    this.name = name;
  }

  /** Undefined when the node object is gone while pods of it remain. */
  setNode(node: Stored<Node> | undefined): void {
    this.unavailable = node ? unavailability(node) : 'node is unknown';
    this.labels = node?.metadata.labels ?? {};
    this.capacity = node ? capacityOf(node) : unlimited;
  }

  add(pod: PodRequirements): void {
    this.#count(pod, 1);
  }

  remove(pod: PodRequirements): void {
    this.#count(pod, -1);
  }

  usesHostPort(port: number): boolean {
    return this.#hostPorts.has(port);
  }

  usesDisk(disk: string): boolean {
    return this.#disks.has(disk);
  }

  #count(pod: PodRequirements, sign: 1 | -1): void {
    this.pods += sign;
    this.cpuMillis += sign * pod.cpuMillis;
    this.memoryBytes += sign * pod.memoryBytes;
    for (const port of pod.hostPorts) bump(this.#hostPorts, port, sign);
    for (const disk of pod.disks) bump(this.#disks, disk, sign);
  }
}

/** Counts up or down; a count of zero leaves the map. */
export function bump<K>(counts: Map<K, number>, key: K, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}

/** A node takes pods when it is Ready, not cordoned and not on its way out (0.17 minionLister with getNodeConditionPredicate). */
function unavailability(node: Stored<Node>): string | undefined {
  if (node.metadata.deletionTimestamp) return 'node is being deleted';
  if (node.spec.unschedulable) return 'node is unschedulable';
  if (node.status.phase === 'Terminated') return 'node is halted';
  return readyCondition(node)?.status === 'True' ? undefined : 'node is not ready';
}

function capacityOf({ status }: Stored<Node>): Capacity {
  const amount = (name: string) => status.allocatable?.[name] ?? status.capacity?.[name] ?? '0';
  return {
    cpuMillis: milliValue(amount('cpu')),
    memoryBytes: value(amount('memory')),
    pods: value(amount('pods')),
  };
}
