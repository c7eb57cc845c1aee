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
import type { Running } from '../async/running.ts';
import { Client } from '../client/client.ts';
import { createInformers, type Informers } from '../client/informers.ts';
import type { Transport } from '../client/transport.ts';
import type { MachineProvider } from '../controllers/index.ts';
import type { ServiceProxy } from '../proxy/index.ts';
import type { EmbeddedStoreOptions } from '../store/index.ts';
import { type ClusterConfig, type MachineRecord, providerPrefix, recordForSnapshot } from './config.ts';
import { ControlPlane, type LoopDeps } from './control-plane.ts';
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

export class Cluster {
  readonly options: ClusterOptions;
  /** Parts in the order they were started. */
  readonly #running: Running[] = [];
  #apiServer: ApiServer | undefined;
  #control: ControlPlane | undefined;
  #transport: Transport | undefined;
  #server: string | undefined;
  #loops: LoopDeps | undefined;
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
    await this.#control?.stopControllers();
    await this.machines?.haltAll(report);
  }

  /** Ends loops, machines, server and store, in this order. Containers keep running. */
  async stop(): Promise<void> {
    await this.#control?.stopControllers();
    for (const part of this.#running.splice(0).reverse()) await part.stop();
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
      await this.#startControlPlane();
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
        { name: 'scheduler', check: () => this.#control?.health('scheduler') },
        { name: 'controller-manager', check: () => this.#control?.health('controllers') },
      ],
      nodeConnection: (node) => this.machines?.kubeletOf(node),
      logs: { 'daemon.log': paths(dataDir).log },
      clusterRecord: () => recordForSnapshot(config),
      queueDepths: () => this.#control?.queueDepths() ?? {},
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

  async #startControlPlane(): Promise<void> {
    const { roles, config } = this.options;
    const control = new ControlPlane({ ...this.options, deps: this.#deps(), transport: this.transport });
    this.#running.push(control);
    this.#control = control;
    if (roles.has('scheduler')) await control.startScheduler();
    const sync = config.nodes?.sync ?? true;
    if (roles.has('controllers')) await control.startControllers(sync ? this.#machineProvider() : undefined);
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

  #deps(): LoopDeps {
    if (!this.#loops) throw new Error('the cluster has not started');
    return this.#loops;
  }
}
