/** What `cordon`, `uncordon` and `drain` share: naming nodes, and closing them to new pods. */
import { Node } from '../api/kinds/index.ts';
import type { Stored } from '../api/object.ts';
import type { Connection } from './connection.ts';
import type { Context } from './context.ts';
import { UsageError } from './errors.ts';
import { readTargets } from './targets.ts';

/** The nodes that are named, or that -l selects. */
export async function readNodes(
  names: readonly string[],
  { selector }: { selector?: string | undefined },
  { context, verb }: { context: Context; verb: string },
): Promise<(api: Connection) => Promise<Stored<Node>[]>> {
  if (names.length === 0 && selector === undefined) {
    throw new UsageError(`which nodes? Name them (kubecfg ${verb} core-01) or select them with -l`);
  }
  const words = names[0]?.includes('/') ? names : ['nodes', ...names];
  const resolve = await readTargets(words, { selector }, { context, verb });
  return async (api) => {
    const targets = await resolve(api);
    return Promise.all(targets.map(({ kind, name }) => api.client.get(kind, '', name) as Promise<Stored<Node>>));
  };
}

/** Closes a node to new pods, or opens it again. The line is kubectl's. */
export async function setUnschedulable(
  { client }: Connection,
  node: Stored<Node>,
  unschedulable: boolean,
): Promise<{ object: Stored<Node>; line: string }> {
  const { name } = node.metadata;
  const done = `${unschedulable ? '' : 'un'}cordoned`;
  if ((node.spec.unschedulable ?? false) === unschedulable) {
    return { object: node, line: `node/${name} already ${done}` };
  }
  const patch = { spec: { unschedulable: unschedulable || null } };
  return { object: await client.patch(Node, '', name, patch), line: `node/${name} ${done}` };
}
