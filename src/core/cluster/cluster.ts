/**
 * The only composition root: from one record it builds store, API server, loops and machines, starts them in order and
 * stops them in the opposite one. It decides nothing else. May import everything below it.
 */
import { mkdirSync } from 'node:fs';
import { Node } from '../api/kinds/index.ts';
import type { ApiServer, ApiServerOptions } from '../apiserver/index.ts';
import type { Clock } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import type { Random } from '../async/random.ts';
import type { Queueing, Running } from '../async/running.ts';
import { Client } from '../client/client.ts';
import { createInformers, type Informers } from '../client/informers.ts';
import { newIdentity, runForLeader } from '../client/leader.ts';
import { createRecorder, type EventRecorder } from '../client/recorder.ts';
import { withinTerm } from '../client/term.ts';
import type { Transport } from '../client/transport.ts';
import type { MachineProvider } from '../controllers/index.ts';
import type { ServiceProxy } from '../proxy/index.ts';
import type { EmbeddedStoreOptions } from '../store/index.ts';
import { type ClusterConfig, type MachineRecord, providerPrefix } from './config.ts';
import { type Engine, openEngine } from './engine.ts';
import { healthPeriods } from './health.ts';
import { connectToMasters, joinOptions, listenToHosts } from './host.ts';
import type { Identity } from './identity.ts';
import { Machines } from './machines.ts';
import { paths } from './paths.ts';
import type { Report } from './progress.ts';
import type { Role } from './roles.ts';

export type HistoryLimits = Pick<EmbeddedStoreOptions, 'compactionIntervalMs' | 'compactionKeepRevisions'>;

/** What of the API server is set at each start. */
export type ApiSettings = Pick<ApiServerOptions, 'corsAllowedOrigins' | 'eventTtlSeconds'>;

export interface ClusterOptions {
  config: ClusterConfig;
  dataDir: string;
  roles: ReadonlySet<Role>;
  /** The API server of a cluster whose roles do not include one. */
  server?: string | undefined;
  /** Whether API server and kubelets open their ports; an embedded cluster does not. */
  listen: boolean;
  /** Who this host is to the other hosts of the cluster. */
  identity?: Identity | undefined;
  /** How much of the past the store keeps; its own defaults unless given. */
  history?: HistoryLimits | undefined;
  api?: ApiSettings | undefined;
  /** Keeps the record after machines were added, halted or started. */
  save(config: ClusterConfig): void;
  clock: Clock;
  random: Random;
  log: Logger;
}

/** What every loop is given. */
interface LoopDeps {
  client: Client;
  informers: Informers;
  clock: Clock;
  random: Random;
}

interface ControlDeps extends LoopDeps {
  recorder: EventRecorder;
}

/** How holders of leases are called that run beside the embedded store, of which there is one at a time. */
const storeOwner = 'store-owner_';

export class Cluster {
  readonly options: ClusterOptions;
  /** Parts in the order they were started. */
  readonly #running: Running[] = [];
  /** Scheduler and controllers. */
  readonly #controllers: Running[] = [];
  #apiServer: ApiServer | undefined;
  /** Loops that run here and have queues. */
  readonly #queueing = new Set<Queueing>();
  #transport: Transport | undefined;
  #server: string | undefined;
  #loops: LoopDeps | undefined;
  /** Loops of the control plane that run here now. */
  readonly #controlling = new Set<Role>();
  /** Told when a machine came or went. */
  readonly #machineListeners = new Set<(name: string) => void>();
  /** Why the machines' addresses are names only; undefined when they are real. */
  nominalBecause: string | undefined;
  machines: Machines | undefined;
  proxy: ServiceProxy | undefined;

  private constructor(options: ClusterOptions) {
    this.options = options;
  }

  /** A part that fails to start takes down what was started before it. */
  static async start(options: ClusterOptions): Promise<Cluster> {
    const cluster = new Cluster(options);
    try {
      await cluster.#start();
      return cluster;
    } catch (e) {
      await cluster.stop();
      throw e;
    }
  }

  get transport(): Transport {
    if (!this.#transport) throw new Error('the cluster has not started');
    return this.#transport;
  }
  get client(): Client {
    return this.#deps().client;
  }
  get informers(): Informers {
    return this.#deps().informers;
  }
  /** `http://127.0.0.1:8080`; undefined when no port is open. */
  get server(): string | undefined {
    return this.#server;
  }

  /**
   * Ends all containers and keeps everything else. The controllers stop first: they would take the halted machines for
   * dead and delete their pods.
   */
  async haltMachines(report: Report): Promise<void> {
    await this.#stopControllers();
    await this.machines?.haltAll(report);
  }

  /** Ends loops, machines, server and store, in this order. Containers keep running. */
  async stop(): Promise<void> {
    this.#controlling.clear();
    await this.#stopControllers();
    await stopAll(this.#running);
  }

  async #start(): Promise<void> {
    const { dataDir, roles, config } = this.options;
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    // The engine and the addresses take as long as the store and the server: begin with both, unless the range of a host's
    // pods has to be asked for first.
    const mustAsk = config.host !== undefined && !config.machines[0]?.podCIDR;
    const machines = roles.has('node') && !mustAsk ? this.#prepareMachines() : undefined;
    // It may fail before anybody waits for it.
    machines?.catch(() => {});
    try {
      await (roles.has('apiserver') ? this.#startApiServer() : this.#connect());
      this.#startInformers();
      await this.#startFleet();
      if (roles.has('scheduler')) await this.#startScheduler();
      if (roles.has('controllers')) await this.#startControllers();
    } finally {
      await machines?.catch(() => {});
    }
    if (!roles.has('node')) return;
    if (mustAsk) await this.#askForPodRange();
    await this.#startMachines(await (machines ?? this.#prepareMachines()));
  }

  async #askForPodRange(): Promise<void> {
    const { config, save } = this.options;
    const [record] = config.machines as [MachineRecord];
    const { podRangeOf } = await import('./pod-range.ts');
    record.podCIDR = await podRangeOf(record, `${providerPrefix(config.name)}${record.name}`, this.#deps());
    save(config);
  }

  async #startApiServer(): Promise<void> {
    const { dataDir, config, clock, random, log, listen, history, save, identity } = this.options;
    const { portalNet } = config;
    const { openStore } = await import('./store.ts');
    const { createApiServer } = await import('../apiserver/index.ts');
    const store = await openStore(config, dataDir, { clock, random, log: log.part('store'), ...history });
    this.#running.push({ stop: () => store.close() });
    if (config.portalNet !== portalNet) save(config);
    const server = await createApiServer({
      store,
      clock,
      random,
      log: log.part('apiserver'),
      portalNet: config.portalNet,
      admission: config.admission,
      components: [
        { name: 'scheduler', check: () => this.#healthOf('scheduler') },
        { name: 'controller-manager', check: () => this.#healthOf('controllers') },
      ],
      nodeConnection: (node) => this.machines?.kubeletOf(node),
      logs: { 'daemon.log': paths(dataDir).log },
      clusterRecord: () => config,
      queueDepths: () => Object.assign({}, ...[...this.#queueing].map((loop) => loop.queueDepths())),
      ...this.options.api,
      join: joinOptions(config, identity),
      kubeletIdentity: identity?.master && { ca: identity.ca, ...identity.master.server },
    });
    this.#running.push({ stop: () => server.close() });
    this.#apiServer = server;
    this.#transport = server.transport;
    if (listen) {
      const { host, port } = await server.listen({ host: '127.0.0.1', port: config.port });
      this.#server = `http://${host}:${port}`;
    }
    if (identity?.master) await listenToHosts(server, config, identity);
  }

  async #connect(): Promise<void> {
    const { server, config, identity } = this.options;
    if (identity && config.host) {
      const transport = await connectToMasters(config.host, identity);
      this.#running.push({ stop: () => transport.close() });
      this.#transport = transport;
      this.#server = config.host.servers[0];
      return;
    }
    if (!server) throw new Error('without the role apiserver the server to work for must be named (--server)');
    const { createHttpTransport } = await import('../client/http.ts');
    const transport = createHttpTransport({ server });
    this.#running.push({ stop: () => transport.close() });
    this.#transport = transport;
    this.#server = server;
  }

  #startInformers(): void {
    const { clock, random, log } = this.options;
    const client = new Client(this.transport);
    const informers = createInformers(client, { clock, random, log: log.part('informers') });
    this.#running.push(informers);
    this.#loops = { client, informers, clock, random };
  }

  /** fleet's API beside that of Kubernetes, where an API server runs here. */
  async #startFleet(): Promise<void> {
    if (!this.#apiServer) return;
    const { Fleet } = await import('../machines/fleet/index.ts');
    const { client, informers, clock } = this.#deps();
    const fleet = new Fleet({ nodes: informers.for(Node), client, clock });
    this.#running.push(fleet);
    this.#apiServer.addService('/fleet/', (request) => fleet.handle(request));
    if (!this.options.listen) return;
    const { serveFleetSocket } = await import('../machines/fleet/socket.ts');
    this.#running.push(await serveFleetSocket(paths(this.options.dataDir).fleetSocket, fleet));
  }

  async #startScheduler(): Promise<void> {
    const { startScheduler } = await import('../scheduler/index.ts');
    const log = this.options.log.part('scheduler');
    const names = { lease: 'kube-scheduler', component: 'scheduler' };
    this.#running.push(this.#elect(names, (deps) => startScheduler({ ...deps, log })));
    this.#controlling.add('scheduler');
  }

  async #startControllers(): Promise<void> {
    const { startControllers } = await import('../controllers/index.ts');
    const { config } = this.options;
    const { host, podNet, nodes: settings = {} } = config;
    const { machines: named, sync = true, syncPeriodMs, ...health } = settings;
    const options = {
      log: this.options.log.part('controllers'),
      health: { ...healthPeriods(config), ...health },
      nodes: { named, syncPeriodMs, provider: sync ? this.#machineProvider() : undefined },
      // Machines that share an engine have theirs from the record.
      podNet: host && podNet,
    };
    const names = { lease: 'kube-controller-manager', component: 'controllermanager' };
    this.#controllers.push(this.#elect(names, (deps) => startControllers({ ...deps, ...options })));
    this.#controlling.add('controllers');
  }

  /** Runs a loop while this process leads; at once and without asking anybody where nobody else can get in. */
  #elect(names: { lease: string; component: string }, start: (deps: ControlDeps) => Queueing): Running {
    const { roles, config, listen, clock, random, log } = this.options;
    const ownsStore = roles.has('apiserver') && !config.etcd;
    const begin = (client: Client): Running => {
      const recorder = createRecorder(client, { component: names.component, clock, random, log: log.part('events') });
      const running = start({ ...this.#deps(), client, recorder });
      this.#queueing.add(running);
      const stop = async () => {
        this.#queueing.delete(running);
        await running.stop();
        await recorder.flush();
      };
      return { stop };
    };
    if (ownsStore && !listen) return begin(this.client);
    // Whoever else held the lease beside this store is gone, or the store would not have opened.
    const machine = config.host && config.machines[0]?.name;
    const holder = ownsStore ? `${storeOwner}${random.uid()}` : newIdentity(random, machine);
    const deps = { ...this.#deps(), recorder: this.#recorder(names.lease), log: log.part('election') };
    return runForLeader(deps, {
      name: names.lease,
      identity: holder,
      isGone: (other) => ownsStore && other.startsWith(storeOwner),
      lead: (term) => begin(new Client(withinTerm(this.transport, term))),
    });
  }

  /** The machines of this process; those of others are theirs to register. */
  #machineProvider(): MachineProvider | undefined {
    const { config, roles } = this.options;
    // A state that others share has machines that this process knows nothing of.
    if (!roles.has('node') || config.etcd) return undefined;
    return {
      prefix: providerPrefix(config.name),
      machines: () => config.machines.map(({ name }) => name),
      subscribe: (changed) => {
        this.#machineListeners.add(changed);
        return () => this.#machineListeners.delete(changed);
      },
    };
  }

  /** What machines need from the host: an engine, their addresses, the pod network. */
  async #prepareMachines(): Promise<Engine> {
    const { config, dataDir, clock, random, log } = this.options;
    const { createMachineInterface } = await import('../network/index.ts');
    const addresses = config.machines.map((machine) => machine.address);
    if (config.runtime === 'hollow') this.nominalBecause = 'hollow machines have no network';
    // A host has its address already.
    else if (!config.host) {
      const wanted = { cluster: config.name, addresses, portalNet: config.portalNet };
      this.nominalBecause = await createMachineInterface(wanted);
    }
    const machinesDir = paths(dataDir).machines;
    mkdirSync(machinesDir, { recursive: true });
    const realAddresses = this.nominalBecause === undefined;
    const engine = await openEngine({ config, machinesDir, realAddresses, clock, random, log });
    this.#running.push({ stop: () => engine.close() });
    return engine;
  }

  async #startMachines(engine: Engine): Promise<void> {
    const { config, dataDir, log, save, listen, identity } = this.options;
    if (config.runtime === 'docker') await this.#startProxy(engine.bridge);
    if (config.host) await this.#startPodRoutes(engine.bridge);
    const { heartbeatMs } = healthPeriods(config);
    const deps = {
      ...this.#deps(),
      cluster: config.name,
      log,
      logs: listen ? { 'daemon.log': paths(dataDir).log } : undefined,
      heartbeatMs,
      fleetMetadata: config.fleetMetadata,
      identity,
      machinesDir: paths(dataDir).machines,
      engine,
    };
    const changed = (name: string) => {
      for (const listener of this.#machineListeners) listener(name);
    };
    const machines = new Machines({ config, deps, save, changed });
    this.#running.push(machines);
    this.machines = machines;
    await machines.startAll();
  }

  async #startProxy(bridge: string | undefined): Promise<void> {
    const { startProxy } = await import('../proxy/index.ts');
    const { name: cluster, portalNet, podNet, host, machines } = this.options.config;
    const log = this.options.log.part('proxy');
    // Machines that share an engine have one bridge for all pods.
    const podRange = host ? machines[0]!.podCIDR : podNet;
    const proxy = await startProxy({ ...this.#deps(), log, cluster, portalNet, podNet, podRange, bridge });
    this.#running.push(proxy);
    this.proxy = proxy;
  }

  async #startPodRoutes(bridge = ''): Promise<void> {
    const { startPodRoutes } = await import('../network/index.ts');
    const { name: cluster, portalNet, podNet, machines } = this.options.config;
    const [{ name, address, podCIDR }] = machines as [MachineRecord];
    const { informers, clock } = this.#deps();
    const machine = { name, address, podCIDR, bridge };
    const log = this.options.log.part('pod-routes');
    this.#running.push(startPodRoutes({ cluster, portalNet, podNet, machine, nodes: informers.for(Node), clock, log }));
  }

  #recorder(component: string) {
    const { clock, random, log } = this.options;
    const recorder = createRecorder(this.client, { component, clock, random, log: log.part('events') });
    this.#running.push({ stop: () => recorder.flush() });
    return recorder;
  }

  /** A loop works when it was started and sees the cluster. Undefined when it is another process's. */
  async #healthOf(role: Role): Promise<string | undefined> {
    if (!this.options.roles.has(role)) return undefined;
    if (!this.#controlling.has(role)) throw new Error('it is not running');
    await this.informers.synced();
    return 'ok';
  }

  async #stopControllers(): Promise<void> {
    this.#controlling.delete('controllers');
    await stopAll(this.#controllers);
  }

  #deps(): LoopDeps {
    if (!this.#loops) throw new Error('the cluster has not started');
    return this.#loops;
  }
}

/** In the opposite order of their start; each only once. */
async function stopAll(parts: Running[]): Promise<void> {
  for (const part of parts.splice(0).reverse()) await part.stop();
}
