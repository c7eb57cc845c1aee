/** The Node object of this machine: registered at the start, kept alive by heartbeats. */
import { sameValue } from '../api/equal.ts';
import { Node } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../api/status.ts';
import type { Clock, Timer } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import type { Random } from '../async/random.ts';
import type { Running } from '../async/running.ts';
import type { Client } from '../client/client.ts';
import type { EventRecorder } from '../client/recorder.ts';
import type { Runtime, RuntimeInfo } from '../runtime/runtime.ts';
import type { NodeOffer } from './admission.ts';
import {
  type KubeletEndpoint,
  type NodeIdentity,
  type NodeReport,
  nodeConditions,
  nodeLabels,
  nodeStatus,
  podsMax,
} from './node-status.ts';

export interface NodeReporterDeps {
  client: Client;
  recorder: EventRecorder;
  runtime: Runtime;
  node: NodeIdentity;
  /** Where the kubelet's server listens, once it does; undefined without one. */
  endpoint(): Promise<KubeletEndpoint | undefined> | undefined;
  heartbeatMs: number;
  clock: Clock;
  random: Random;
  log: Logger;
}

/** After a report that failed. */
const retryMs = 1_000;

export class NodeReporter implements Running {
  readonly #deps: NodeReporterDeps;
  #info: RuntimeInfo | undefined;
  #endpoint: KubeletEndpoint | undefined;
  #engineAnswers = false;
  /** As the API answered last. */
  #stored: Stored<Node> | undefined;
  #timer: Timer | undefined;
  #reporting: Promise<void> | undefined;
  #again = false;
  #saidStarting = false;
  #stopped = false;
  #tellKnown = () => {};
  /** Resolves when the engine has told what it is. */
  readonly known: Promise<void>;

  constructor(deps: NodeReporterDeps) {
    this.#deps = deps;
    this.known = new Promise((resolve) => {
      this.#tellKnown = resolve;
    });
  }

  /** The scheme of container ids: `docker`. */
  get engine(): string {
    return this.#info?.version.split('://')[0] ?? 'container';
  }

  /** What pods may ask of this node; undefined until the engine has told it. */
  get offer(): NodeOffer | undefined {
    if (!this.#info) return undefined;
    const { cpus, memoryBytes } = this.#info;
    const labels = { ...nodeLabels(this.#deps.node, this.#info), ...this.#stored?.metadata.labels };
    return { labels, cpuMillis: cpus * 1000, memoryBytes, pods: podsMax };
  }

  /** Tells the API without waiting for the next heartbeat. */
  setEngine(answers: boolean): void {
    if (this.#engineAnswers === answers && this.#info) return;
    this.#engineAnswers = answers;
    this.#report();
  }

  /** As the API has it now, for decisions that cannot be taken back. */
  async freshLabels(): Promise<Readonly<Record<string, string>>> {
    const { metadata } = await this.#deps.client.get(Node, '', this.#deps.node.name);
    return metadata.labels ?? {};
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#reporting;
  }

  /** One report at a time; one that is asked for meanwhile follows. */
  #report(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#reporting ??= this.#reportAll().finally(() => {
      this.#reporting = undefined;
    });
  }

  async #reportAll(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      this.#timer?.cancel();
      try {
        if (this.#engineAnswers) await this.#learn();
        await this.#reportOnce();
        this.#schedule(this.#deps.heartbeatMs);
      } catch (error) {
        this.#deps.log.warn(`node ${this.#deps.node.name}: ${(error as Error).message}`);
        this.#schedule(Math.min(this.#deps.heartbeatMs, retryMs));
      }
    }
  }

  async #learn(): Promise<void> {
    if (this.#info) return;
    this.#endpoint = await this.#deps.endpoint();
    this.#info = await this.#deps.runtime.info();
    this.#tellKnown();
  }

  #schedule(ms: number): void {
    const { clock, random } = this.#deps;
    if (this.#stopped) return;
    // Up to a tenth earlier, so that the nodes of a cluster spread out.
    this.#timer = clock.after(ms * (1 - random.next() / 10), () => this.#report());
  }

  async #reportOnce(): Promise<void> {
    const stored = this.#stored;
    if (!stored || this.#changes(stored)) {
      this.#stored = await this.#register();
      if (!this.#saidStarting) this.#deps.recorder.event(this.#stored, 'Normal', 'starting', 'Starting kubelet.');
      this.#saidStarting = true;
      return;
    }
    try {
      this.#stored = await this.#heartbeat(stored);
    } catch (error) {
      // Conflict: others wrote (labels, a node controller's conditions). NotFound: somebody deleted the node.
      if (!isConflict(error) && !isNotFound(error)) throw error;
      this.#stored = undefined;
      this.#again = true;
    }
  }

  /** More than the time of the heartbeat has to be told. */
  #changes({ status }: Stored<Node>): boolean {
    const ready = status.conditions?.find((c) => c.type === 'Ready');
    return ready?.status !== (this.#engineAnswers ? 'True' : 'False') || (!!this.#info && !status.capacity);
  }

  /** The cheapest write there is: one patch of the conditions, refused when others have written since the last one. */
  #heartbeat({ metadata, status }: Stored<Node>): Promise<Stored<Node>> {
    const conditions = nodeConditions(status.conditions, this.#news());
    const patch = { metadata: { resourceVersion: metadata.resourceVersion }, status: { conditions } };
    return this.#deps.client.patch(Node, '', metadata.name, patch, { subresource: 'status' });
  }

  /** Creates the node, or brings the one that is there up to date. */
  async #register(): Promise<Stored<Node>> {
    const { client, node } = this.#deps;
    const found = (await this.#create()) ?? (await client.get(Node, '', node.name));
    const labels = { ...found.metadata.labels, ...(this.#info && nodeLabels(node, this.#info)) };
    const annotations = { ...found.metadata.annotations, ...node.annotations };
    const described = {
      ...found,
      metadata: { ...found.metadata, labels, annotations },
      spec: { ...found.spec, ...this.#range(found), ...this.#provider(found) },
    };
    const updated = sameSpec(found, described) ? found : await client.update(Node, described);
    return client.updateStatus(Node, { ...updated, status: nodeStatus(updated.status, this.#news()) });
  }

  async #create(): Promise<Stored<Node> | undefined> {
    const { client, node } = this.#deps;
    try {
      return await client.create(Node, {
        metadata: { name: node.name, annotations: { ...node.annotations } },
        spec: {
          podCIDR: node.podCIDR,
          podCIDRs: [node.podCIDR],
          ...(node.providerID && { providerID: node.providerID }),
        },
      });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      return undefined;
    }
  }

  /** A range is given once; a node whose object has another keeps it. */
  #range({ spec, metadata }: Stored<Node>): { podCIDR: string; podCIDRs: string[] } | undefined {
    const { podCIDR } = this.#deps.node;
    if (!spec.podCIDR) return { podCIDR, podCIDRs: [podCIDR] };
    if (spec.podCIDR !== podCIDR)
      this.#deps.log.warn(`node ${metadata.name} has the pod range ${spec.podCIDR}, not ${podCIDR}`);
    return undefined;
  }

  /** Given once, as well. */
  #provider({ spec }: Stored<Node>): { providerID: string } | undefined {
    const { providerID } = this.#deps.node;
    return providerID && !spec.providerID ? { providerID } : undefined;
  }

  #news(): NodeReport {
    const { node, clock } = this.#deps;
    return { node, endpoint: this.#endpoint, info: this.#info, engineAnswers: this.#engineAnswers, now: clock.now() };
  }
}

const sameSpec = (a: Stored<Node>, b: Stored<Node>) =>
  sameValue(a.metadata.labels ?? {}, b.metadata.labels ?? {}) &&
  sameValue(a.metadata.annotations ?? {}, b.metadata.annotations ?? {}) &&
  sameValue(a.spec, b.spec);
