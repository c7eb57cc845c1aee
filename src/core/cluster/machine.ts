/** One local machine: a runtime and the kubelet on it. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { metadataAnnotation } from '../api/annotations.ts';
import { Node } from '../api/kinds/index.ts';
import { isNotFound } from '../api/status.ts';
import { timestamp } from '../api/time.ts';
import type { Clock } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import type { LogFiles } from '../async/log-files.ts';
import { unmountBelow } from '../async/mounts.ts';
import type { Random } from '../async/random.ts';
import type { Client } from '../client/client.ts';
import type { Informers } from '../client/informers.ts';
import { createRecorder, type EventRecorder } from '../client/recorder.ts';
import type { Kubelet, PublicEndpoint } from '../kubelet/index.ts';
import { substitute } from '../machines/cloud-config/substitute.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type MachineRecord, providerPrefix } from './config.ts';
import type { Engine } from './engine.ts';
import { kubeletPort } from './host-checks.ts';
import type { Identity } from './identity.ts';

export interface MachineDeps {
  /** Its name. */
  cluster: string;
  client: Client;
  informers: Informers;
  clock: Clock;
  random: Random;
  log: Logger;
  heartbeatMs: number;
  /** Of every machine, before its addresses are put in. */
  fleetMetadata: string | undefined;
  machinesDir: string;
  engine: Engine;
  /** Of a host of its own: with it, other machines reach its kubelet. */
  identity: Identity | undefined;
  /** What the kubelets' own servers show; they open none unless given. */
  logs: LogFiles | undefined;
}

export class LocalMachine {
  readonly record: MachineRecord;
  readonly #deps: MachineDeps;
  #runtime: Runtime | undefined;
  #kubelet: Kubelet | undefined;
  #recorder: EventRecorder | undefined;

  constructor(record: MachineRecord, deps: MachineDeps) {
    this.record = record;
    this.#deps = deps;
  }

  get running(): boolean {
    return this.#kubelet !== undefined;
  }
  get kubelet(): Kubelet | undefined {
    return this.#kubelet;
  }

  /** Harmless when it runs. Containers that run already are adopted. */
  async start(): Promise<void> {
    if (this.#kubelet) return;
    const { cluster, client, informers, clock, random, heartbeatMs, engine, machinesDir, logs } = this.#deps;
    const { name, machineID, address, podCIDR } = this.record;
    const { nominalReach, startKubelet } = await import('../kubelet/index.ts');
    const log = this.#deps.log.part(name);
    this.#recorder = createRecorder(client, { component: 'kubelet', host: name, clock, random, log });
    this.#runtime = await engine.openRuntime(this.record);
    this.#kubelet = startKubelet({
      client,
      informers,
      recorder: this.#recorder,
      runtime: this.#runtime,
      node: { name, machineID, address, podCIDR, providerID: `${providerPrefix(cluster)}${name}`, ...this.#metadata() },
      // Where nothing runs there is nothing to mount and nothing to probe.
      ...(engine.runsContainers ? { rootDir: join(machinesDir, name) } : { reach: nominalReach }),
      ...(logs && { server: { logs, endpoint: this.#endpoint() } }),
      clock,
      random,
      log,
      heartbeatMs,
    });
  }

  #endpoint(): PublicEndpoint | undefined {
    const { identity } = this.#deps;
    return identity && { host: this.record.address, port: kubeletPort, tls: { ca: identity.ca, ...identity.node } };
  }

  /** An empty one takes away what an earlier user-data said. */
  #metadata(): { annotations?: Record<string, string> } {
    const { fleetMetadata } = this.#deps;
    if (fleetMetadata === undefined) return {};
    const { address } = this.record;
    const text = substitute(fleetMetadata, { public_ipv4: address, private_ipv4: address });
    return { annotations: { [metadataAnnotation]: text } };
  }

  /** Leaves the containers running: they outlive the kubelet and are adopted by the next one. */
  async stop(): Promise<void> {
    const [kubelet, recorder, runtime] = [this.#kubelet, this.#recorder, this.#runtime];
    this.#kubelet = undefined;
    await kubelet?.stop();
    await recorder?.flush();
    await runtime?.close();
  }

  /** Ends the containers; the pods stay this machine's and run again when it starts. */
  async pause(): Promise<void> {
    await this.stop();
    await this.#deps.engine.stopMachine(this.record.name, false);
  }

  /** Says so on the node, so that its pods move at once, and ends its containers. */
  async halt(): Promise<void> {
    await this.stop();
    await this.#reportHalted();
    await this.#deps.engine.stopMachine(this.record.name, false);
  }

  /** As halt, and nothing of it stays. Its node goes with the record of it. */
  async destroy(): Promise<void> {
    const { name } = this.record;
    if (this.running) await this.halt();
    await this.#deps.engine.removeMachine(name);
    const dir = join(this.#deps.machinesDir, name);
    await unmountBelow(dir);
    await rm(dir, { recursive: true, force: true });
  }

  /** As a crash: nobody is told, the containers are gone. */
  async crash(): Promise<void> {
    await this.stop();
    await this.#deps.engine.stopMachine(this.record.name, true);
  }

  async #reportHalted(): Promise<void> {
    const { client, clock } = this.#deps;
    const now = timestamp(clock.now());
    try {
      const node = await client.get(Node, '', this.record.name);
      const conditions = (node.status.conditions ?? []).map((c) =>
        c.type === 'Ready'
          ? {
              ...c,
              status: 'False' as const,
              reason: 'MachineHalted',
              message: 'the machine was halted',
              lastTransitionTime: now,
            }
          : c,
      );
      await client.patch(
        Node,
        '',
        this.record.name,
        { status: { phase: 'Terminated', conditions } },
        { subresource: 'status' },
      );
    } catch (e) {
      if (!isNotFound(e)) throw e;
    }
  }
}
