/** One local machine: a runtime and the kubelet on it. */
import { join } from 'node:path';
import { Node } from '../api/kinds/index.ts';
import { isNotFound } from '../api/status.ts';
import { timestamp } from '../api/time.ts';
import type { Clock } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import type { Random } from '../async/random.ts';
import type { Client } from '../client/client.ts';
import type { Informers } from '../client/informers.ts';
import type { EventRecorder } from '../client/recorder.ts';
import type { Kubelet } from '../kubelet/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { MachineRecord } from './config.ts';
import type { Engine } from './engine.ts';

export interface MachineDeps {
  client: Client;
  informers: Informers;
  recorder: EventRecorder;
  clock: Clock;
  random: Random;
  log: Logger;
  heartbeatMs: number;
  machinesDir: string;
  engine: Engine;
}

export class LocalMachine {
  readonly record: MachineRecord;
  readonly #deps: MachineDeps;
  #runtime: Runtime | undefined;
  #kubelet: Kubelet | undefined;

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
    const { client, informers, recorder, clock, random, heartbeatMs, machinesDir } = this.#deps;
    const { name, machineID, address, podCIDR } = this.record;
    const { startKubelet } = await import('../kubelet/index.ts');
    this.#runtime = await this.#deps.engine.openRuntime(this.record);
    this.#kubelet = startKubelet({
      client,
      informers,
      recorder,
      runtime: this.#runtime,
      node: { name, machineID, address, podCIDR },
      rootDir: join(machinesDir, name),
      clock,
      random,
      log: this.#deps.log.part(name),
      heartbeatMs,
    });
  }

  /** Leaves the containers running: they outlive the kubelet and are adopted by the next one. */
  async stop(): Promise<void> {
    const [kubelet, runtime] = [this.#kubelet, this.#runtime];
    this.#kubelet = undefined;
    this.#runtime = undefined;
    await kubelet?.stop();
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
