/** What every verb works with; made once per server. */

import type { LogOptions } from '../api/request.ts';
import type { Clock } from '../async/clock.ts';
import type { Random } from '../async/random.ts';
import type { Store } from '../store/store.ts';
import type { AdmissionPlugin } from './admission/plugin.ts';
import type { Cache } from './cache.ts';
import type { Guards } from './guards.ts';
import type { Metrics } from './metrics/index.ts';
import type { Identity } from './relays/backend.ts';
import type { WatchHub } from './watch/hub.ts';

/** The way to the kubelet of a node. */
export interface NodeConnection {
  /** The output of a container, as the kubelet has it; throws ApiError before the first byte. */
  logs(namespace: string, pod: string, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** A part of the control plane, and how to find out that it is well. */
export interface Component {
  readonly name: string;
  /** Says of it what there is to say; throws when it is not well. Undefined: nobody here can tell. */
  check(): string | undefined | Promise<string | undefined>;
}

export interface Context {
  readonly store: Store;
  readonly cache: Cache;
  readonly hub: WatchHub;
  readonly metrics: Metrics;
  readonly admission: readonly AdmissionPlugin[];
  /** Where other servers write into the same store. */
  readonly guards: Guards | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly components: readonly Component[];
  /** How long an event is kept after its last change. */
  readonly eventTtlSeconds: number;
  /** What this server shows to kubelets of other hosts, and knows them by; PEM. Undefined where there are none. */
  readonly kubeletIdentity?: Identity | undefined;
  /** Undefined when the kubelet is not of this process. */
  nodeConnection(nodeName: string): NodeConnection | undefined;
}
