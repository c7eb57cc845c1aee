/** What makes local machines: one contract for those that share this host and for those that are isolated from it. */
import type { UserData } from '../machines/index.ts';
import type { ClusterConfig } from './config.ts';
import type { Report } from './progress.ts';
import type { ClusterStatus } from './status.ts';
import type { StoreWish } from './store.ts';

export const providerNames = ['shared', 'isolated'] as const;
export type ProviderName = (typeof providerNames)[number];

/** What the user said; what is undefined keeps what the cluster has, or takes the default of a new one. */
export interface UpWishes {
  name: string;
  machines?: number | undefined;
  runtime?: 'docker' | 'hollow' | undefined;
  port?: number | undefined;
  portalNet?: string | undefined;
  podNet?: string | undefined;
  machineNet?: string | undefined;
  /** What machines' names begin with. */
  machinePrefix?: string | undefined;
  /** coreos.fleet.metadata, addresses not yet put in. */
  fleetMetadata?: string | undefined;
  etcd?: StoreWish | undefined;
  provider?: ProviderName | undefined;
  /** Where the etcd cluster of isolated machines is to form; a service of their own unless given. */
  discovery?: string | undefined;
  /** Applied inside isolated machines. */
  userData?: UserData | undefined;
}

export interface UpResult {
  name: string;
  server: string;
  /** PEM, for a server that asks who one is. */
  tls?: { ca: string; certificate: string; key: string };
  /** All of it ran already. */
  already: boolean;
}

export const defaultPort = 8080;

/** How a command runs on a machine. */
export interface Entrance {
  /** The command line on this host that runs one on the machine. */
  command(inside: string[]): string[];
  env: Readonly<Record<string, string>>;
}

/** Everything takes the data directory of the cluster, and throws with words for the user. */
export interface LocalProvider {
  /** Brings the cluster up, or completes it; what a failing or aborted first start began is undone. */
  up(dataDir: string, wishes: UpWishes, report: Report, signal: AbortSignal): Promise<UpResult>;
  startMachine(dataDir: string, machine: string, report: Report): Promise<void>;
  /** Its pods move to the others; `force` is as a crash. */
  haltMachine(dataDir: string, machine: string, force: boolean, report: Report): Promise<void>;
  destroyMachine(dataDir: string, machine: string, report: Report): Promise<void>;
  /** Data stays. False when nothing ran. */
  halt(dataDir: string, report: Report): Promise<boolean>;
  /** Removes the cluster and everything that carries its label; false when there is no trace of it. */
  destroy(dataDir: string, name: string): Promise<boolean>;
  /** Undefined when there is no cluster. */
  status(dataDir: string): Promise<ClusterStatus | undefined>;
  enter(dataDir: string, machine: string): Promise<Entrance>;
}

/** What is laid down when a cluster is made cannot be changed by naming it differently later. */
export function refuseChanges(config: ClusterConfig, wishes: UpWishes): void {
  const made = { machinePrefix: 'core', provider: 'shared', ...config };
  for (const key of ['runtime', 'portalNet', 'podNet', 'machineNet', 'machinePrefix', 'provider'] as const) {
    if (wishes[key] !== undefined && wishes[key] !== made[key]) {
      throw new Error(
        `cluster ${config.name} was made with ${key} ${made[key]}, not ${wishes[key]}; 'destroy' it first`,
      );
    }
  }
  if (wishes.machines !== undefined && wishes.machines < config.machines.length) {
    throw new Error(
      `cluster ${config.name} has ${config.machines.length} machines, not ${wishes.machines}: 'halt' or 'destroy' single ones`,
    );
  }
}

export function noMachine(name: string, config: ClusterConfig | undefined): string {
  const names = config?.machines.map((machine) => machine.name) ?? [];
  return `no machine ${name}: there are ${names.join(', ') || 'none'}`;
}
