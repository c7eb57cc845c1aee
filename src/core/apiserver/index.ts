/**
 * API server: the REST engine, written once for all kinds, over HTTP and in-process.
 * May import: core/async, core/api, core/store, core/client.
 */
import pkg from '../../../package.json' with { type: 'json' };
import { kinds } from '../api/kinds/index.ts';
import type { Clock } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import type { Random } from '../async/random.ts';
import type { Transport } from '../client/transport.ts';
import type { Store } from '../store/store.ts';
import { JoinDesk, type JoinOptions } from './access/join.ts';
import { admissionPlugins } from './admission/index.ts';
import { bootstrap, createNamespace } from './bootstrap.ts';
import { Cache } from './cache.ts';
import { storeComponent } from './components.ts';
import type { Component, Context, NodeConnection } from './context.ts';
import { Discovery } from './discovery.ts';
import { Guards } from './guards.ts';
import type { HttpLimits } from './http/limits.ts';
import type { Certificates } from './http/listener.ts';
import { HttpServer } from './http/server.ts';
import { localTransport } from './local.ts';
import { expositionType, Metrics } from './metrics/index.ts';
import { addHistory } from './paths/history.ts';
import { addLogs } from './paths/logs.ts';
import { addOpenApi } from './paths/openapi.ts';
import type { RawPath, RawService } from './paths/raw.ts';
import { addSnapshot } from './paths/snapshot.ts';
import { addStatic } from './paths/static.ts';
import { addSwagger } from './paths/swagger.ts';
import { validateComponents } from './paths/validate.ts';
import { WatchHub } from './watch/hub.ts';

export type { JoinOptions } from './access/join.ts';
export type { Component, NodeConnection } from './context.ts';
export type { RawAnswer, RawPath } from './paths/raw.ts';

export interface ApiServerOptions {
  store: Store;
  clock: Clock;
  random: Random;
  log: Logger;
  /** Where services get their addresses from, such as 10.0.0.0/16. */
  portalNet: string;
  /** What /version says; the release of this program unless given. */
  version?: string;
  /** The way to a node's kubelet in this process; others are asked over HTTP. */
  nodeConnection?: (nodeName: string) => NodeConnection | undefined;
  /** For kubelets on other hosts, which ask for certificates; PEM. */
  kubeletIdentity?: { ca: string; certificate: string; key: string } | undefined;
  /** Names of the plug-ins that every write has to pass; see admission/index.ts for those there are, and the default. */
  admission?: readonly string[] | undefined;
  /** What componentstatuses and /validate tell of besides the store. */
  components?: readonly Component[];
  /** Files that /logs/ shows: their paths, by the names they are shown under. */
  logs?: Readonly<Record<string, string>>;
  /** The record of the cluster, which snapshots carry along. */
  clusterRecord?: () => object | undefined;
  /** Lets machines join; only over TLS. */
  join?: JoinOptions | undefined;
  /** What waits in the queues of the loops, by their names: for /metrics. */
  queueDepths?: () => Readonly<Record<string, number>>;
  /** How long an event is kept after its last change; an hour unless given. */
  eventTtlSeconds?: number;
  maxBodyBytes?: number;
  maxRequestsInFlight?: number;
  /** Watches, logs and relays at the same time. */
  maxLongAnswers?: number;
  /** Time limits of a request; see HttpLimits. */
  timeouts?: Partial<Pick<HttpLimits, 'headMs' | 'answerMs' | 'silenceMs'>>;
  /** Regular expressions for the origins of web pages that may use this server; none unless given. */
  corsAllowedOrigins?: readonly string[];
  /** Events a watcher may lag behind. */
  maxWatchQueue?: number;
  /** Changes kept per kind for watches that resume. */
  maxRecentChanges?: number;
}

export interface ApiServer {
  /** For components of this process. */
  readonly transport: Transport;
  /** Loopback unless told otherwise: nobody logs in here. Resolves with the real port when `port` is 0. */
  listen(address: { host: string; port: number }): Promise<{ host: string; port: number }>;
  /** With TLS and users: those that a certificate of the authority speaks for. */
  listenSecure(address: { host: string; port: number }, tls: Certificates): Promise<{ host: string; port: number }>;
  /** Serves GET of one more path, and of everything below it when it ends in `/`. */
  addPath(path: string, answer: RawPath): void;
  /** Hands every request below `prefix`, which ends in `/`, to a service that knows its own methods and errors. */
  addService(prefix: string, service: RawService): void;
  /** Ends watches as a timeout would, stops listening and waits for what is in flight. The store stays open. */
  close(): Promise<void>;
}

/** Resolves when the store has been read and the first namespaces are there. */
export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { store, clock, random, log, portalNet, nodeConnection = () => undefined, components: others = [] } = options;
  const { maxBodyBytes = 3 * 1024 * 1024, maxRequestsInFlight = 4096, maxLongAnswers = 10_000 } = options;
  const { corsAllowedOrigins = [], eventTtlSeconds = 3600, queueDepths = () => ({}), logs = {}, timeouts } = options;
  const { maxWatchQueue = 16_384, maxRecentChanges = 1024, version = `v${pkg.version}` } = options;

  const provision = (name: string) => createNamespace(context, name);
  const admission = admissionPlugins(options.admission, { portalNet, random, createNamespace: provision });
  const cache = new Cache(store, kinds, clock, log);
  await cache.follow();
  const hub = new WatchHub(cache, store, clock, { queueMax: maxWatchQueue, recentMax: maxRecentChanges });
  const metrics = new Metrics();
  const etcd = storeComponent(store);
  const components = [...others, etcd];
  const guards = store.confirm ? new Guards(cache) : undefined;
  const parts = { store, cache, hub, metrics, admission, guards, clock, random, components };
  const context: Context = { ...parts, eventTtlSeconds, nodeConnection, kubeletIdentity: options.kubeletIdentity };
  await bootstrap(context);

  const discovery = new Discovery(version, {
    // As everywhere in Kubernetes, the store is called etcd.
    etcd: async () => {
      await etcd.check();
      return undefined;
    },
  });
  addOpenApi(discovery, clock, version);
  addSwagger(discovery);
  addStatic(discovery);
  addLogs(discovery, logs);
  addHistory(discovery, context);
  addSnapshot(discovery, { store, clock, version, cluster: options.clusterRecord ?? (() => undefined) });
  discovery.add('/validate', () => validateComponents(components));
  const limits: HttpLimits = {
    bodyBytesMax: maxBodyBytes,
    requestsMax: maxRequestsInFlight,
    longAnswersMax: maxLongAnswers,
    ...{ headMs: 10_000, answerMs: 60_000, silenceMs: 90_000, ...timeouts },
    corsAllowedOrigins,
  };
  const desk = options.join && new JoinDesk(context, options.join);
  const http = new HttpServer(context, discovery, log, limits, desk);
  discovery.add('/metrics', () => ({
    body: metrics.text({ version, store, hub, http, queueDepths: queueDepths() }),
    contentType: expositionType,
  }));
  return {
    transport: localTransport(context, discovery),
    listen: (address) => http.listen(address),
    listenSecure: (address, tls) => http.listen(address, tls),
    addPath: (path, answer) => discovery.add(path, answer),
    addService: (prefix, service) => discovery.addService(prefix, service),
    async close() {
      hub.close();
      await http.close();
      cache.close();
      metrics.close();
    },
  };
}
