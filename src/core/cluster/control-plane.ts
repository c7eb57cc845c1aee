/** Scheduler and controllers of this process: each runs while the process holds its lease. */
import type { Clock } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import type { Random } from '../async/random.ts';
import type { Queueing, Running } from '../async/running.ts';
import { Client } from '../client/client.ts';
import type { Informers } from '../client/informers.ts';
import { newIdentity, runForLeader } from '../client/leader.ts';
import { createRecorder, type EventRecorder } from '../client/recorder.ts';
import { withinTerm } from '../client/term.ts';
import type { Transport } from '../client/transport.ts';
import type { MachineProvider } from '../controllers/index.ts';
import type { ClusterConfig } from './config.ts';
import { healthPeriods } from './health.ts';
import type { Role } from './roles.ts';

/** What every loop is given. */
export interface LoopDeps {
  client: Client;
  informers: Informers;
  clock: Clock;
  random: Random;
}

interface ControlDeps extends LoopDeps {
  recorder: EventRecorder;
}

export interface ControlPlaneOptions {
  config: ClusterConfig;
  roles: ReadonlySet<Role>;
  /** Whether others can reach the API server beside this process. */
  listen: boolean;
  deps: LoopDeps;
  transport: Transport;
  log: Logger;
}

/** How holders of leases are called that run beside the embedded store, of which there is one at a time. */
const storeOwner = 'store-owner_';

export class ControlPlane implements Running {
  readonly #options: ControlPlaneOptions;
  #scheduler: Running | undefined;
  #controllers: Running | undefined;
  readonly #recorders: EventRecorder[] = [];
  /** Loops that run now, and have queues. */
  readonly #queueing = new Set<Queueing>();

  constructor(options: ControlPlaneOptions) {
    this.#options = options;
  }

  async startScheduler(): Promise<void> {
    const { startScheduler } = await import('../scheduler/index.ts');
    const log = this.#options.log.part('scheduler');
    const names = { lease: 'kube-scheduler', component: 'scheduler' };
    this.#scheduler = this.#elect(names, (deps) => startScheduler({ ...deps, log }));
  }

  /** `provider` is what nodes are kept in line with, if they are. */
  async startControllers(provider: MachineProvider | undefined): Promise<void> {
    const { startControllers } = await import('../controllers/index.ts');
    const { config, log } = this.#options;
    const { host, podNet, nodes: settings = {} } = config;
    const { machines: named, sync: _, syncPeriodMs, ...health } = settings;
    const options = {
      log: log.part('controllers'),
      health: { ...healthPeriods(config), ...health },
      nodes: { named, syncPeriodMs, provider },
      // Machines that share an engine have theirs from the record.
      podNet: host && podNet,
    };
    const names = { lease: 'kube-controller-manager', component: 'controllermanager' };
    this.#controllers = this.#elect(names, (deps) => startControllers({ ...deps, ...options }));
  }

  /** What waits in each queue. */
  queueDepths(): Record<string, number> {
    return Object.assign({}, ...[...this.#queueing].map((loop) => loop.queueDepths()));
  }

  /** A loop works when it was started and sees the cluster. Undefined when it is another process's. */
  async health(role: 'scheduler' | 'controllers'): Promise<string | undefined> {
    if (!this.#options.roles.has(role)) return undefined;
    if (!(role === 'scheduler' ? this.#scheduler : this.#controllers)) throw new Error('it is not running');
    await this.#options.deps.informers.synced();
    return 'ok';
  }

  async stopControllers(): Promise<void> {
    const controllers = this.#controllers;
    this.#controllers = undefined;
    await controllers?.stop();
  }

  async stop(): Promise<void> {
    await this.stopControllers();
    const scheduler = this.#scheduler;
    this.#scheduler = undefined;
    await scheduler?.stop();
    await Promise.all(this.#recorders.splice(0).map((recorder) => recorder.flush()));
  }

  /** Runs a loop while this process leads; at once and without asking anybody where nobody else can get in. */
  #elect(names: { lease: string; component: string }, start: (deps: ControlDeps) => Queueing): Running {
    const { roles, config, listen, log, deps, transport } = this.#options;
    const { random } = deps;
    const ownsStore = roles.has('apiserver') && !config.etcd;
    const begin = (client: Client) => this.#begin(client, names.component, start);
    if (ownsStore && !listen) return begin(deps.client);
    // Whoever else held the lease beside this store is gone, or the store would not have opened.
    const machine = config.host && config.machines[0]?.name;
    const holder = ownsStore ? `${storeOwner}${random.uid()}` : newIdentity(random, machine);
    const recorder = this.#recorder(deps.client, names.lease);
    this.#recorders.push(recorder);
    return runForLeader(
      { ...deps, recorder, log: log.part('election') },
      {
        name: names.lease,
        identity: holder,
        isGone: (other) => ownsStore && other.startsWith(storeOwner),
        lead: (term) => begin(new Client(withinTerm(transport, term))),
      },
    );
  }

  #begin(client: Client, component: string, start: (deps: ControlDeps) => Queueing): Running {
    const recorder = this.#recorder(client, component);
    const running = start({ ...this.#options.deps, client, recorder });
    this.#queueing.add(running);
    return {
      stop: async () => {
        this.#queueing.delete(running);
        await running.stop();
        await recorder.flush();
      },
    };
  }

  #recorder(client: Client, component: string): EventRecorder {
    const { deps, log } = this.#options;
    const { clock, random } = deps;
    return createRecorder(client, { component, clock, random, log: log.part('events') });
  }
}
