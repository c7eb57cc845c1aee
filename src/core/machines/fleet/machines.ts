/** Machines as fleet knows them, read from the cluster's nodes: every API server tells the same. */
import { metadataAnnotation } from '../../api/annotations.ts';
import type { Node } from '../../api/kinds/index.ts';
import type { Stored } from '../../api/object.ts';
import { parsePairs } from '../pairs.ts';

/** Members in fleet's order; what is empty is left out. */
export interface Machine {
  id: string;
  metadata?: Record<string, string>;
  primaryIP?: string;
}

/** On nodes: metadata that was set through the API, by key; empty where it was removed. */
export const dynamicMetadata = 'metadata.kubecfg.io/';

export const machineIdOf = ({ status }: Stored<Node>): string => status.nodeInfo?.machineID ?? '';

export function machineOf(node: Stored<Node>): Machine {
  const metadata = metadataOf(node.metadata.annotations ?? {});
  const address = node.status.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  return {
    id: machineIdOf(node),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(address && { primaryIP: address }),
  };
}

/** What was set through the API wins over the machine's own configuration, and an empty value hides it. */
function metadataOf(annotations: Readonly<Record<string, string>>): Record<string, string> {
  const merged = new Map(Object.entries(parsePairs(annotations[metadataAnnotation] ?? '').pairs));
  for (const [name, value] of Object.entries(annotations)) {
    if (!name.startsWith(dynamicMetadata)) continue;
    const key = name.slice(dynamicMetadata.length);
    if (value) merged.set(key, value);
    else merged.delete(key);
  }
  return Object.fromEntries([...merged].sort(([a], [b]) => (a < b ? -1 : 1)));
}
