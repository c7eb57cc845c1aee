/**
 * Kubelet: runs the pods that the API has given to one node on that node's runtime, and reports how they do.
 * May import: core/async, core/api, core/client, core/reconcile, core/runtime (the contract, never an engine).
 */
import { parseCidr } from '../api/cidr.ts';
import { Service } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import type { LogOptions } from '../api/request.ts';
import type { Clock } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import type { Random } from '../async/random.ts';
import type { Running } from '../async/running.ts';
import type { Client } from '../client/client.ts';
import type { Informers } from '../client/informers.ts';
import type { EventRecorder } from '../client/recorder.ts';
import { startController } from '../reconcile/runner.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { Addresses } from './address.ts';
import type { ClusterDNS } from './config/sandbox.ts';
import { Images } from './images.ts';
import { podLogs } from './logs.ts';
import { PodMemories } from './memory.ts';
import { NodeReporter } from './node.ts';
import type { NodeIdentity } from './node-status.ts';
import { Observer } from './observer.ts';
import { type Parts, partOf, say } from './parts.ts';
import { NodePods } from './pods.ts';
import { Probes } from './probes/probes.ts';
import { type Reach, realReach } from './probes/reach.ts';
import { type KubeletServer, type KubeletServerOptions, startKubeletServer } from './server/index.ts';
import { StatusWriter } from './status-writer.ts';
import { Stops } from './stops.ts';
import { Volumes } from './volumes/volumes.ts';
import { podController } from './worker.ts';

export type { ClusterDNS } from './config/sandbox.ts';
export type { NodeIdentity } from './node-status.ts';
export { nominalReach, type Reach } from './probes/reach.ts';
export type { PublicEndpoint } from './server/index.ts';

export interface KubeletOptions {
  client: Client;
  informers: Informers;
  recorder: EventRecorder;
  runtime: Runtime;
  node: NodeIdentity;
  /** Where volumes are. Absent with a runtime that runs nothing: volumes are then checked and not made. */
  rootDir?: string;
  clusterDNS?: ClusterDNS;
  /** What its own HTTP server shows besides its pods; there is no such server unless given. */
  server?: KubeletServerOptions;
  /** How probes and hooks reach pods; the host's network unless given. */
  reach?: Reach;
  heartbeatMs: number;
  clock: Clock;
  random: Random;
  log: Logger;
}

/** Stopping it, as crashing, leaves the containers running; the next kubelet on the same runtime adopts them. */
export interface Kubelet extends Running {
  readonly name: string;
  /** Throws ApiError before the first byte. */
  logs(namespace: string, pod: string, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

export function startKubelet(options: KubeletOptions): Kubelet {
  return new LocalKubelet(options);
}

class LocalKubelet implements Kubelet {
  readonly name: string;
  readonly #parts: Parts;
  readonly #loop: Running;
  readonly #server: Promise<KubeletServer | undefined> | undefined;
  #replan: Parts['replan'] = () => {};
  #stopped: Promise<void> | undefined;

  constructor(options: KubeletOptions) {
    const { clock, random, log, node } = options;
    this.name = node.name;
    this.#parts = this.#makeParts(options);
    const { pods, services, observer, node: reporter } = this.#parts;
    this.#server = options.server && this.#listen(options.server, log);
    observer.start();
    const ready = Promise.all([pods.synced(), services.synced(), reporter.known]);
    const controller = podController(this.#parts, ready, (replan) => {
      this.#replan = replan;
    });
    this.#loop = startController(controller, { clock, random, log });
  }

  logs(namespace: string, pod: string, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array> {
    return podLogs(this.#parts, { namespace, pod, options }, signal);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const { observer, probes, images, writer, node } = this.#parts;
    observer.stop();
    await (await this.#server)?.stop();
    await this.#loop.stop();
    probes.stop();
    images.stop();
    await Promise.all([writer.stop(), node.stop()]);
  }

  /** Without it the node does its work all the same. */
  async #listen(options: KubeletServerOptions, log: Logger): Promise<KubeletServer | undefined> {
    try {
      return await startKubeletServer(this.#parts, options);
    } catch (error) {
      log.error(`the kubelet's server cannot listen: ${(error as Error).message}`);
      return undefined;
    }
  }

  #makeParts(options: KubeletOptions): Parts {
    const { client, informers, runtime, clock, random, log, node: identity, recorder, heartbeatMs } = options;
    const { reach = realReach } = options;
    const replan: Parts['replan'] = (uid, afterMs) => this.#replan(uid, afterMs);
    const handlers = { runtime, reach, clock, log };
    const node = new NodeReporter({
      ...{ client, recorder, runtime, node: identity, heartbeatMs, clock, random, log },
      endpoint: () => this.#server,
    });
    const pods = new NodePods(informers, identity.name, clock);
    const observer = new Observer({
      runtime,
      clock,
      log,
      changed: replan,
      engine: (answers) => node.setEngine(answers),
      current: () => {
        for (const uid of pods.uids()) replan(uid);
        for (const pod of observer.pods()) replan(pod.identity.uid);
      },
    });
    const sayOf = (uid: string, container: string, reason: string, message: string) => {
      const pod = pods.get(uid);
      if (pod) say(parts, pod, partOf(pod, container), { type: 'Warning', reason, message });
    };
    const parts: Parts = {
      ...{ client, runtime, reach, clock, log, recorder, identity, pods, observer, node, replan },
      clusterDNS: options.clusterDNS,
      services: informers.for(Service, { indexers: { namespace: byNamespace } }),
      images: new Images({ runtime, clock, changed: replan }),
      probes: new Probes({
        ...handlers,
        changed: replan,
        unhealthy: (uid, container, message) => sayOf(uid, container, 'unhealthy', message),
      }),
      stops: new Stops({
        ...handlers,
        changed: replan,
        hookFailed: ({ pod, container }, message) =>
          sayOf(pod, container.name, 'failedPreStopHook', `PreStopHook failed: ${message}`),
      }),
      volumes: new Volumes(client, options.rootDir),
      addresses: new Addresses(rangeOf(identity), () => usedAddresses(observer)),
      writer: new StatusWriter({ client, clock, log, failed: replan }),
      memories: new PodMemories(),
    };
    return parts;
  }
}

/** One function for all kubelets of a process: they share one index. */
const byNamespace = ({ metadata }: Stored<Service>) => [metadata.namespace];

function rangeOf({ name, podCIDR }: NodeIdentity) {
  const range = parseCidr(podCIDR);
  if (!range) throw new Error(`node ${name}: ${podCIDR} is not an address range such as 10.244.1.0/24`);
  return range;
}

function* usedAddresses(observer: Observer): Generator<string> {
  for (const { sandboxes } of observer.pods()) for (const { ip } of sandboxes) if (ip) yield ip;
}
