/** What goes wrong with isolated machines, and how a test sees what their cluster makes of it. */
import { setTimeout as pause } from 'node:timers/promises';
import { ConfigMap, Lease, Node, Pod } from '../../src/core/api/kinds/index.ts';
import type { Stored } from '../../src/core/api/object.ts';
import { detachedPid } from '../../src/core/async/detached.ts';
import { runProcess } from '../../src/core/async/process.ts';
import { Client } from '../../src/core/client/client.ts';
import { createFailoverTransport } from '../../src/core/client/failover.ts';
import { createHttpTransport } from '../../src/core/client/http.ts';
import { readReach } from '../../src/core/cluster/reach.ts';
import { interfaceName } from '../../src/core/network/interface-name.ts';
import type { IsolatedCluster } from './isolated.ts';
import { containersOf } from './program.ts';
import { waitFor } from './wait.ts';

/** The machine's network cable: its end on the host. */
export function plug(cluster: IsolatedCluster, machine: string, state: 'up' | 'down'): Promise<string> {
  return runProcess('ip', ['link', 'set', 'dev', interfaceName('kv', `${cluster.name}-${machine}`), state]);
}

/** An administrator at all API servers with failover, `first` at that of one machine, or at `only` that. */
export function clientOf(cluster: IsolatedCluster, { first, only }: { first?: string; only?: string } = {}): Client {
  const { servers, tls } = readReach(cluster.program.dataDir)!;
  const serverOf = (machine: string) => servers[Number(machine.slice(-2)) - 1]!;
  if (only) return new Client(createHttpTransport({ server: serverOf(only), tls }));
  const ordered = first ? [serverOf(first), ...servers.filter((server) => server !== serverOf(first))] : servers;
  return new Client(createFailoverTransport({ servers: ordered, tls }));
}

/** Which machine leads: the identity in the lease begins with its name. */
export async function leaderOf(client: Client, lease: string): Promise<string> {
  const { spec } = await client.get(Lease, 'kube-system', lease);
  return spec.holderIdentity?.split('_')[0] ?? '';
}

export const podsOf = async (client: Client, app: string): Promise<Stored<Pod>[]> =>
  (await client.list(Pod, 'default', { labelSelector: `app=${app}` })).items as Stored<Pod>[];

export async function readiness(client: Client): Promise<Record<string, string>> {
  const { items } = await client.list(Node);
  return Object.fromEntries(
    items.map(({ metadata, status }) => [
      metadata.name,
      status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'none',
    ]),
  );
}

export interface Seen {
  machine: string;
  pod: string;
  uid: string;
  /** `POD` is that of a sandbox. */
  name: string;
  id: string;
  state: string;
}

/** All containers of these machines, whatever their state, as their engines tell. */
export async function containersOn(cluster: IsolatedCluster, machines: readonly string[]): Promise<Seen[]> {
  const lists = machines.map(async (machine) => {
    const containers = await containersOf(cluster.name, cluster.dockerSocket(machine));
    return containers.map(({ Id: id, State: state, Labels }) => ({
      machine,
      id,
      state,
      pod: Labels['io.kubernetes.pod.name'] ?? '',
      uid: Labels['io.kubernetes.pod.uid'] ?? '',
      name: Labels['io.kubernetes.container.name'] ?? '',
    }));
  });
  return (await Promise.all(lists)).flat();
}

export interface Written {
  name: string;
  /** When it was acknowledged, by this process's monotonic clock. */
  at: number;
}

/** Writes one object after another, and remembers which were acknowledged. */
export class Writer {
  readonly acknowledged: Written[] = [];
  /** Whether these were written nobody knows: nothing was promised. */
  unanswered = 0;
  readonly #client: Client;
  readonly #prefix: string;
  readonly #running: Promise<void>;
  #stopped = false;

  constructor(client: Client, prefix: string) {
    this.#client = client;
    this.#prefix = prefix;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    await this.#client.transport.close();
  }

  /** The longest time between two good writes that ended after this moment. */
  longestGapSince(moment: number): number {
    const times = this.acknowledged.map(({ at }) => at);
    const gaps = times.slice(1).map((at, i) => (at > moment ? at - times[i]! : 0));
    return Math.max(0, ...gaps);
  }

  /** Those of the acknowledged that are not there. */
  async lost(client: Client): Promise<string[]> {
    const { items } = await client.list(ConfigMap, 'default');
    const found = new Set(items.map(({ metadata }) => metadata.name));
    return this.acknowledged.map(({ name }) => name).filter((name) => !found.has(name));
  }

  async #run(): Promise<void> {
    for (let n = 0; !this.#stopped; n++) {
      const name = `${this.#prefix}-${n}`;
      try {
        await this.#client.create(ConfigMap, { metadata: { name, namespace: 'default' } });
        this.acknowledged.push({ name, at: performance.now() });
      } catch {
        this.unanswered++;
      }
      await pause(everyMs);
    }
  }
}

/** A busy cluster, not one that is loaded. */
const everyMs = 50;

/** The machine whose etcd member leads; with `make`, the leader first hands over to `to`. */
export async function etcdLeaderOf(
  cluster: IsolatedCluster,
  from: string,
  { make = false }: { make?: boolean } = {},
): Promise<string> {
  const pki = `${cluster.program.dataDir}/machines/${from}/data/pki`;
  const { servers } = readReach(cluster.program.dataDir)!;
  const endpoints = servers.map((server) => `https://${new URL(server).hostname}:2379`);
  const tls = ['--cacert', `${pki}/etcd-ca.crt`, '--cert', `${pki}/etcd.crt`, '--key', `${pki}/etcd.key`];
  const etcdctl = (at: readonly string[], ...command: string[]) =>
    cluster.on(from, 'env', 'ETCDCTL_API=3', 'etcdctl', '--endpoints', at.join(), ...tls, ...command);
  const text = await etcdctl(endpoints, 'endpoint', 'status', '-w', 'json');
  const members = JSON.parse(text.replaceAll(/:(\d{16,})/g, ':"$1"')) as EtcdStatus[];
  const machineOf = ({ Endpoint }: EtcdStatus) => `core-${Endpoint.match(/\.10?(\d\d):/)![1]}`;
  const leader = members.find(({ Status: { header, leader: id } }) => String(header.member_id) === String(id))!;
  const wanted = members.find((member) => machineOf(member) === from)!;
  if (make && leader !== wanted) {
    const id = BigInt(wanted.Status.header.member_id).toString(16);
    await etcdctl([leader.Endpoint], 'move-leader', id);
  }
  return machineOf(leader);
}

interface EtcdStatus {
  Endpoint: string;
  /** Ids are read as text: they do not fit a number. */
  Status: { header: { member_id: string }; leader: string };
}

/** Kills the machine's kubecfg, and nothing else of it. */
export async function killDaemon(cluster: IsolatedCluster, machine: string): Promise<void> {
  const file = `/run/kubecfg/${cluster.name}/${machine}/daemon.pid`;
  const pid = detachedPid(file);
  if (pid === undefined) throw new Error(`${machine} has no daemon`);
  process.kill(pid, 'SIGKILL');
  await waitFor(() => detachedPid(file) === undefined, { what: `the end of ${pid}` });
}
