/**
 * fleet's HTTP API v1 as far as it is about machines, for the real fleetctl. A machine is a node with a machine id; it is
 * alive while its node is ready and its heartbeats come. They are timed by this server's clock: those of machines differ.
 */
import pkg from '../../../../package.json' with { type: 'json' };
import { Node } from '../../api/kinds/index.ts';
import type { Stored } from '../../api/object.ts';
import { ApiError } from '../../api/status.ts';
import type { Clock } from '../../async/clock.ts';
import type { Running } from '../../async/running.ts';
import type { Client } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { answer, errorBody, type FleetAnswer, FleetError } from './answers.ts';
import { description } from './description.ts';
import { dynamicMetadata, type Machine, machineIdOf, machineOf } from './machines.ts';
import { pageOf, readPageToken } from './pages.ts';
import { readMetadataPatch } from './patch.ts';

export interface FleetRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  body(): Promise<Buffer>;
}

export interface FleetDeps {
  nodes: Informer<Node>;
  client: Client;
  clock: Clock;
  /** Without a heartbeat for so long a machine is gone; fleetd's agent_ttl. */
  ttlMs?: number;
}

/** How long a request waits for the first look at the cluster. */
const syncTimeoutMs = 1000;
const prefix = /^\/fleet\/(v1|v1-alpha)(?=\/|$)/;

interface Heartbeat {
  stamp: string;
  /** By this server's clock. */
  seenAt: number;
}

export class Fleet implements Running {
  readonly #deps: FleetDeps;
  readonly #heartbeats = new Map<string, Heartbeat>();
  readonly #unsubscribe: () => void;

  constructor(deps: FleetDeps) {
    this.#deps = deps;
    this.#unsubscribe = deps.nodes.subscribe(({ type, object }) => {
      if (type === 'deleted') this.#heartbeats.delete(object.metadata.name);
      else this.#observe(object);
    });
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
  }

  /** Of everything below /fleet/; never throws. */
  async handle(request: FleetRequest): Promise<FleetAnswer> {
    try {
      const { code, value } = await this.#serve(request);
      return answer(code, value, pkg.version);
    } catch (e) {
      const error = e instanceof FleetError ? e : new FleetError(500, (e as Error).message);
      return answer(error.code, errorBody(error), pkg.version);
    }
  }

  async #serve(request: FleetRequest): Promise<{ code: number; value?: object }> {
    const { method, path } = request;
    if (!prefix.test(path)) throw new FleetError(path === '/' ? 405 : 404);
    switch (path.replace(prefix, '')) {
      case '':
        throw new FleetError(405);
      case '/discovery':
        if (method !== 'GET') throw new FleetError(400, 'only HTTP GET supported against this resource');
        return { code: 200, value: description };
      case '/machines':
        if (method === 'PATCH') return this.#patch(await request.body());
        if (method !== 'GET') throw new FleetError(405, 'only GET and PATCH supported against this resource');
        return this.#list(request.query.get('nextPageToken') ?? '');
      default:
        throw new FleetError(404);
    }
  }

  async #list(token: string): Promise<{ code: number; value: object }> {
    let page: number;
    try {
      page = readPageToken(token);
    } catch (e) {
      throw new FleetError(400, (e as Error).message);
    }
    await this.#synced();
    const { items, nextPageToken } = pageOf(this.#machines(), page);
    return {
      code: 200,
      value: { ...(items.length > 0 && { machines: items }), ...(nextPageToken && { nextPageToken }) },
    };
  }

  /** Applied one by one, as fleetd does. It takes changes for machines it has never seen too; here they have no place. */
  async #patch(body: Buffer): Promise<{ code: number }> {
    const changes = readMetadataPatch(body);
    await this.#synced();
    const named = changes.map(({ machineID, key, value }) => {
      const node = [...this.#deps.nodes.list()].find((known) => machineIdOf(known) === machineID);
      if (!node) throw new FleetError(400, `machine ${machineID} is not known`);
      return { name: node.metadata.name, annotations: { [dynamicMetadata + key]: value } };
    });
    for (const { name, annotations } of named) await this.#annotate(name, annotations);
    return { code: 204 };
  }

  async #annotate(name: string, annotations: Record<string, string>): Promise<void> {
    try {
      await this.#deps.client.patch(Node, '', name, { metadata: { annotations } });
    } catch (e) {
      if (e instanceof ApiError && e.status.code === 422) throw new FleetError(400, e.message);
      throw e;
    }
  }

  /** In the order of their ids. */
  #machines(): Machine[] {
    const alive = [...this.#deps.nodes.list()].filter((node) => machineIdOf(node) && this.#isAlive(node));
    return alive.map(machineOf).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  #isAlive(node: Stored<Node>): boolean {
    const { clock, ttlMs = 30_000 } = this.#deps;
    const seenAt = this.#heartbeats.get(node.metadata.name)?.seenAt ?? Number.NEGATIVE_INFINITY;
    return readyOf(node)?.status === 'True' && clock.monotonic() - seenAt < ttlMs;
  }

  #observe(node: Stored<Node>): void {
    const { name } = node.metadata;
    const stamp = readyOf(node)?.lastHeartbeatTime ?? '';
    if (this.#heartbeats.get(name)?.stamp === stamp) return;
    this.#heartbeats.set(name, { stamp, seenAt: this.#deps.clock.monotonic() });
  }

  async #synced(): Promise<void> {
    const { nodes, clock } = this.#deps;
    if (nodes.hasSynced) return;
    await new Promise<void>((resolve) => {
      const timer = clock.after(syncTimeoutMs, resolve);
      const done = () => {
        timer.cancel();
        resolve();
      };
      nodes.synced().then(done, done);
    });
    if (!nodes.hasSynced) throw new FleetError(503, 'fleet server unable to communicate with etcd');
  }
}

const readyOf = ({ status }: Stored<Node>) => status.conditions?.find(({ type }) => type === 'Ready');
