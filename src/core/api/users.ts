/** Names of users and groups that both sides of a connection know (Kubernetes' own). */

/** May do everything. */
export const masters = 'system:masters';
/** The agents of nodes. */
export const nodesGroup = 'system:nodes';

const nodePrefix = 'system:node:';
export const nodeUser = (node: string): string => `${nodePrefix}${node}`;

/** The node whose agents carry this name. */
export function nodeOfUser(name: string): string | undefined {
  return name.startsWith(nodePrefix) ? name.slice(nodePrefix.length) : undefined;
}
