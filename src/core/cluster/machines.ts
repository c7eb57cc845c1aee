/** The local machines of a cluster: which there are, which run, and when they are ready. */
import { Node } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import type { Informers } from '../client/informers.ts';
import type { Kubelet } from '../kubelet/index.ts';
import { type ClusterConfig, type MachineRecord, machineName, maxMachines, newMachine } from './config.ts';
import { LocalMachine, type MachineDeps } from './machine.ts';
import type { Report } from './progress.ts';

export interface MachinesOptions {
  config: ClusterConfig;
  deps: MachineDeps;
  /** Called after the record changed, to keep it. */
  save(config: ClusterConfig): void;
  /** Called when a machine came into the record or left it. */
  changed(name: string): void;
}

export class Machines {
  readonly #options: MachinesOptions;
  readonly #machines = new Map<string, LocalMachine>();

  constructor(options: MachinesOptions) {
    this.#options = options;
    for (const record of options.config.machines) this.#add(record);
  }

  list(): LocalMachine[] {
    return [...this.#machines.values()];
  }

  /** Throws, naming the machines there are. */
  get(name: string): LocalMachine {
    const machine = this.#machines.get(name);
    if (!machine) throw new Error(`no machine ${name}: there are ${[...this.#machines.keys()].join(', ') || 'none'}`);
    return machine;
  }

  /** The kubelet of a machine that runs. */
  kubeletOf(name: string): Kubelet | undefined {
    return this.#machines.get(name)?.kubelet;
  }

  /** Starts the machines that were not halted. */
  async startAll(): Promise<void> {
    await Promise.all(this.list().map((machine) => (machine.record.halted ? undefined : machine.start())));
  }

  async start(name: string, report: Report): Promise<void> {
    const machine = this.get(name);
    this.#setHalted(machine, false);
    await machine.start();
    await this.ready(readyTimeoutMs, report, [machine]);
  }

  async halt(name: string, force: boolean, report: Report): Promise<void> {
    const machine = this.get(name);
    if (!machine.running) return report({ machine: name, message: 'is halted already' });
    this.#setHalted(machine, true);
    await (force ? machine.crash() : machine.halt());
    report({ machine: name, message: force ? 'crashed' : 'halted' });
  }

  /** Ends all containers and keeps everything else: what `halt` of a whole cluster does. */
  async haltAll(report: Report): Promise<void> {
    await Promise.all(
      this.list().map(async (machine) => {
        if (!machine.running) return;
        await machine.pause();
        report({ machine: machine.record.name, message: 'halted' });
      }),
    );
  }

  /** Adds machines until there are `count`, and starts what was halted: what `up` promises. */
  async grow(count: number, report: Report): Promise<void> {
    const { config, changed } = this.#options;
    if (count > maxMachines) throw new Error(`at most ${maxMachines} local machines, not ${count}`);
    // A number that a destroyed machine had is free again.
    for (let n = 1; this.#machines.size < count; n++) {
      if (this.#machines.has(machineName(config, n))) continue;
      const record = newMachine(config, n);
      config.machines.push(record);
      this.#add(record);
      changed(record.name);
    }
    for (const machine of this.list()) this.#setHalted(machine, false);
    await this.startAll();
    await this.ready(readyTimeoutMs, report);
  }

  /** Removes a machine for good; its pods move to the others. */
  async destroy(name: string, report: Report): Promise<void> {
    const { config, save, changed } = this.#options;
    const machine = this.get(name);
    await machine.destroy();
    this.#machines.delete(name);
    config.machines = config.machines.filter((record) => record !== machine.record);
    save(config);
    changed(name);
    report({ machine: name, message: 'destroyed' });
  }

  /**
   * Resolves when every machine of these that should run is a Ready node; reports each as it gets there. Rejects after
   * `timeoutMs`, naming those that are not and what their node says.
   */
  ready(timeoutMs: number, report: Report = () => {}, machines = this.list()): Promise<void> {
    const { informers, clock } = this.#options.deps;
    const waiting = new Map(machines.flatMap((m) => (m.running ? [[m.record.name, m.record] as const] : [])));
    const nodes = informers.for(Node);
    return new Promise((resolve, reject) => {
      let unsubscribe = () => {};
      const finish = (end: () => void) => {
        timer.cancel();
        unsubscribe();
        end();
      };
      const timer = clock.after(timeoutMs, () => finish(() => reject(notReady([...waiting.keys()], informers))));
      const look = (node: Stored<Node>) => {
        const record = waiting.get(node.metadata.name);
        if (!record || !isReady(node)) return;
        waiting.delete(node.metadata.name);
        report({ machine: record.name, message: `ready at ${record.address}` });
      };
      unsubscribe = nodes.subscribe((change) => {
        if (change.type !== 'deleted') look(change.object);
        if (waiting.size === 0) finish(resolve);
      });
      if (waiting.size === 0) finish(resolve);
    });
  }

  /** Leaves the containers running. */
  async stop(): Promise<void> {
    await Promise.all(this.list().map((machine) => machine.stop()));
  }

  #add(record: MachineRecord): void {
    this.#machines.set(record.name, new LocalMachine(record, this.#options.deps));
  }

  #setHalted(machine: LocalMachine, halted: boolean): void {
    if (machine.record.halted === halted) return;
    machine.record.halted = halted;
    this.#options.save(this.#options.config);
  }
}

const readyTimeoutMs = 30_000;

export function isReady(node: Stored<Node>): boolean {
  return node.status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
}

function notReady(names: readonly string[], informers: Informers): Error {
  const why = names.map((name) => {
    const ready = informers
      .for(Node)
      .get('', name)
      ?.status.conditions?.find((c) => c.type === 'Ready');
    return `${name} (${ready?.message || ready?.reason || 'its node never reported'})`;
  });
  return new Error(`not ready: ${why.join(', ')}`);
}
