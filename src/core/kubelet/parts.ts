/** The parts of one kubelet, as its worker, executors and logs see them. */
import type { Pod, Service } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import type { Clock } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import type { Client } from '../client/client.ts';
import type { Informer } from '../client/informer.ts';
import { type EventRecorder, referenceTo } from '../client/recorder.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Addresses } from './address.ts';
import type { ClusterDNS } from './config/sandbox.ts';
import type { Images } from './images.ts';
import type { PodMemories } from './memory.ts';
import type { NodeReporter } from './node.ts';
import type { NodeIdentity } from './node-status.ts';
import type { Observer } from './observer.ts';
import type { NodePods } from './pods.ts';
import type { Probes } from './probes/probes.ts';
import type { Reach } from './probes/reach.ts';
import type { StatusWriter } from './status-writer.ts';
import type { Stops } from './stops.ts';
import type { Volumes } from './volumes/volumes.ts';

export interface Parts {
  readonly client: Client;
  readonly runtime: Runtime;
  readonly reach: Reach;
  readonly clock: Clock;
  readonly log: Logger;
  readonly recorder: EventRecorder;
  readonly identity: NodeIdentity;
  readonly clusterDNS: ClusterDNS | undefined;
  readonly pods: NodePods;
  /** Indexed by namespace. */
  readonly services: Informer<Service>;
  readonly observer: Observer;
  readonly node: NodeReporter;
  readonly images: Images;
  readonly probes: Probes;
  readonly stops: Stops;
  readonly volumes: Volumes;
  readonly addresses: Addresses;
  readonly writer: StatusWriter;
  readonly memories: PodMemories;
  /** Plans this pod (again), now or later. */
  replan(uid: string, afterMs?: number): void;
}

export interface Saying {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
}

/** `part` is `containers{web}`, or '' for the pod as a whole. */
export function say({ recorder }: Parts, pod: Stored<Pod>, part: string, { type, reason, message }: Saying): void {
  const about = { kind: 'Pod', apiVersion: 'v1', metadata: pod.metadata };
  recorder.event(referenceTo(about, part ? `spec.${part}` : undefined), type, reason, message);
}

/** Where a container is in its pod, for events. */
export function partOf(pod: Stored<Pod>, container: string): string {
  const isInit = pod.spec.initContainers?.some((c) => c.name === container);
  return `${isInit ? 'initContainers' : 'containers'}{${container}}`;
}
