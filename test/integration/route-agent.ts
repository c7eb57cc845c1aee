/**
 * Keeps the pod routes of the network namespace it runs in. Its argument is the machine; each line on stdin is the nodes
 * that there are from now on, and the last of them takes all away again: the machine leaves.
 */
import { createInterface } from 'node:readline';
import { Node } from '../../src/core/api/kinds/index.ts';
import { realClock } from '../../src/core/async/clock.ts';
import { textLog } from '../../src/core/async/log.ts';
import { removePodRoutes, startPodRoutes } from '../../src/core/network/index.ts';
import { stored } from '../helpers/stored.ts';

const { cluster, ...options } = JSON.parse(process.argv[2]!);
let nodes: ReturnType<typeof stored<Node>>[] = [];
let changed = () => {};
const informer = {
  synced: async () => {},
  list: () => nodes,
  subscribe(handler: (change: { type: 'added'; object: (typeof nodes)[0] }) => void) {
    changed = () => handler({ type: 'added', object: nodes[0]! });
    return () => {};
  },
};
const log = textLog((line) => process.stderr.write(line));
let routes: ReturnType<typeof startPodRoutes> | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  nodes = (JSON.parse(line) as object[]).map((node) => stored(Node, node));
  routes ??= startPodRoutes({ ...options, cluster, nodes: informer, clock: realClock, log });
  changed();
}
await routes?.stop();
await removePodRoutes(cluster);
