/**
 * Which nodes there are: those named at the start (`--machines`), each registered once and then left to the user, and
 * those of the machines that a provider has, kept in line with it as 0.17 did with a cloud (`--sync_nodes`,
 * `--node_sync_period`). Nodes that others created are nobody's business here.
 */
import { Node } from '../api/kinds/index.ts';
import { keyOf, type Stored } from '../api/object.ts';
import { isAlreadyExists, isNotFound } from '../api/status.ts';
import type { Controller, Plan } from '../reconcile/controller.ts';
import { type ControllerDeps, joined } from './deps.ts';

/** Whoever has machines: the daemon has those of its cluster. */
export interface MachineProvider {
  /** What spec.providerID of its nodes begins with: `kubecfg://CLUSTER/`; the name of the machine follows. */
  readonly prefix: string;
  /** The names of the machines there are now. */
  machines(): Iterable<string>;
  /** Tells when machines came or went. Returns the unsubscriber. */
  subscribe(changed: (name: string) => void): () => void;
}

export interface NodeSyncOptions {
  /** Names of `--machines`. */
  named?: readonly string[] | undefined;
  /** Undefined when nodes are not kept in line with anything (`--sync_nodes=false`). */
  provider?: MachineProvider | undefined;
  /** That of 0.17 unless given. */
  syncPeriodMs?: number | undefined;
}

export const defaultSyncPeriodMs = 10_000;

export type NodeSyncStep =
  | { type: 'create'; reason: string; providerID?: string }
  | { type: 'remove'; reason: string; uid: string };

export interface Wanted {
  /** Named at the start, and not yet registered. */
  named: boolean;
  /** Undefined when nodes are not synced. */
  provider?: { prefix: string; hasMachine: boolean } | undefined;
}

export function planNodeSync(
  name: string,
  node: Stored<Node> | undefined,
  { named, provider }: Wanted,
): Plan<NodeSyncStep> {
  if (!node) {
    if (provider?.hasMachine) {
      const providerID = `${provider.prefix}${name}`;
      return { steps: [{ type: 'create', reason: `there is a machine ${name}`, providerID }] };
    }
    return { steps: named ? [{ type: 'create', reason: 'it was named at the start' }] : [] };
  }
  const { deletionTimestamp, uid } = node.metadata;
  const isOurs = provider !== undefined && node.spec.providerID === `${provider.prefix}${name}`;
  if (!isOurs || provider.hasMachine || deletionTimestamp) return { steps: [] };
  return { steps: [{ type: 'remove', reason: `the machine ${name} is gone`, uid }] };
}

export function nodeSyncController(
  { client, informers }: ControllerDeps,
  { named = [], provider, syncPeriodMs = defaultSyncPeriodMs }: NodeSyncOptions,
): Controller<NodeSyncStep> {
  const nodes = informers.for(Node);
  // Names of nodes are lower case; 0.17 helped in the same way.
  const unregistered = new Set(named.map((name) => name.toLowerCase()));

  function keys(): Set<string> {
    const ours = provider ? [...provider.machines(), ...Array.from(nodes.list(), keyOf)] : [];
    return new Set([...unregistered, ...ours]);
  }

  return {
    name: 'node-sync',
    resyncEveryMs: syncPeriodMs,
    synced: () => nodes.synced(),
    keys,
    watch(enqueue) {
      for (const key of keys()) enqueue(key);
      return joined(
        nodes.subscribe(({ type, object }) => {
          if (type !== 'modified') enqueue(keyOf(object));
        }),
        provider?.subscribe(enqueue) ?? (() => {}),
      );
    },
    plan(key) {
      const node = nodes.get('', key);
      if (node) unregistered.delete(key);
      const state = provider && { prefix: provider.prefix, hasMachine: new Set(provider.machines()).has(key) };
      return planNodeSync(key, node, { named: unregistered.has(key), provider: state });
    },
    execute: {
      async create({ providerID }, key) {
        try {
          await client.create(Node, { metadata: { name: key }, spec: providerID ? { providerID } : {} });
        } catch (error) {
          // Its kubelet was faster.
          if (!isAlreadyExists(error)) throw error;
        }
        unregistered.delete(key);
      },
      async remove({ uid }, key) {
        try {
          await client.delete(Node, '', key, { preconditions: { uid } });
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
      },
    },
  };
}
