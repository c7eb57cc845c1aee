/**
 * Pod ranges: every node that came without one is given a /24 of the cluster's pod net (0.17's `--allocate-node-cidrs`
 * and `--cluster-cidr`). Which are taken is asked of the server anew each time: a cache that lags would give one twice.
 */
import { type Cidr, formatCidr, overlaps, parseCidr, subrange } from '../api/cidr.ts';
import { Node } from '../api/kinds/index.ts';
import { keyOf, type Stored } from '../api/object.ts';
import type { Controller, Plan } from '../reconcile/controller.ts';
import type { ControllerDeps } from './deps.ts';

export type NodeCidrStep = { type: 'give'; reason: string };

const prefix = 24;
const resyncEveryMs = 300_000;

export function planNodeCidr(node: Stored<Node> | undefined): Plan<NodeCidrStep> {
  if (!node || node.spec.podCIDR || node.metadata.deletionTimestamp) return { steps: [] };
  return { steps: [{ type: 'give', reason: 'it has no pod range' }] };
}

/** The number of the first part of the net that overlaps nothing taken, beginning at `from` and once around. */
export function freePart(net: Cidr, taken: readonly Cidr[], from: number): number | undefined {
  const count = Math.floor(net.size / 2 ** (32 - prefix));
  for (let i = 0; i < count; i++) {
    const n = (from + i) % count;
    // The 0th begins with the address of the net itself, and stays out of the way of those who count from one.
    if (n > 0 && !taken.some((other) => overlaps(other, subrange(net, prefix, n)!))) return n;
  }
  return undefined;
}

export function nodeCidrController(
  { client, informers, recorder }: ControllerDeps,
  { podNet }: { podNet: string },
): Controller<NodeCidrStep> {
  const nodes = informers.for(Node);
  const net = parseCidr(podNet);
  if (!net) throw new Error(`${podNet} is not an address range such as 10.244.0.0/16`);
  // A range that has just become free is the last to be given again: its pods may not have ended yet.
  let next = 1;

  function* waiting(): Generator<string> {
    for (const node of nodes.list()) if (!node.spec.podCIDR) yield keyOf(node);
  }

  return {
    name: 'node-cidrs',
    resyncEveryMs,
    synced: () => nodes.synced(),
    keys: waiting,
    workers: 1, // Two at a time would find the same range free.
    watch(enqueue) {
      return nodes.subscribe(({ type, object }) => {
        // The range of one that is gone may be what others wait for.
        if (type === 'deleted') for (const key of waiting()) enqueue(key);
        else if (!object.spec.podCIDR) enqueue(keyOf(object));
      });
    },
    plan: (key) => planNodeCidr(nodes.get('', key)),
    execute: {
      async give(_, key) {
        const all = (await client.list(Node)).items as Stored<Node>[];
        const node = all.find(({ metadata }) => metadata.name === key);
        if (!node || node.spec.podCIDR) return;
        const n = freePart(net, all.flatMap(rangesOf), next);
        if (n === undefined) {
          recorder.event(node, 'Warning', 'CIDRNotAvailable', `No pod range of ${podNet} is free for node ${key}`);
          return;
        }
        const podCIDR = formatCidr(subrange(net, prefix, n)!);
        const { resourceVersion } = node.metadata;
        await client.patch(Node, '', key, { metadata: { resourceVersion }, spec: { podCIDR, podCIDRs: [podCIDR] } });
        next = n + 1;
      },
    },
  };
}

function rangesOf({ spec }: Stored<Node>): Cidr[] {
  return (spec.podCIDRs ?? [spec.podCIDR ?? '']).flatMap((text) => parseCidr(text) ?? []);
}
