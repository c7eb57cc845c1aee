/** Fields of the pod itself, for variables and files (kubernetes pkg/fieldpath, pkg/api/v1/resource). Pure. */

import type { Pod } from '../../api/kinds/index.ts';
import type { Stored } from '../../api/object.ts';
import { parseQuantity, value } from '../../api/quantity.ts';
import type { Container } from '../../api/types/container.ts';
import type { ResourceFieldSelector } from '../../api/types/reference.ts';
import { ConfigError } from './config-error.ts';

/** The node and what of the pod is known only here. */
export interface PodPlace {
  hostIP: string;
  podIP?: string | undefined;
  /** What a container without a limit may use. */
  capacity: { cpuMillis: number; memoryBytes: number };
}

export function fieldValue(pod: Stored<Pod>, place: PodPlace, path: string): string {
  const keyed = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (keyed) return pod.metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2]!] ?? '';
  const values: Record<string, string | undefined> = {
    'metadata.name': pod.metadata.name,
    'metadata.namespace': pod.metadata.namespace,
    'metadata.uid': pod.metadata.uid,
    'spec.nodeName': pod.spec.nodeName,
    'spec.serviceAccountName': pod.spec.serviceAccountName,
    'status.hostIP': place.hostIP,
    'status.hostIPs': place.hostIP,
    'status.podIP': place.podIP,
    'status.podIPs': place.podIP,
  };
  if (!(path in values)) {
    throw new ConfigError(`fieldRef ${path}: this is none of ${Object.keys(values).join(', ')}`);
  }
  return values[path] ?? '';
}

/** For files: also all labels or annotations, a line `key="value"` each. */
export function fieldFile(pod: Stored<Pod>, place: PodPlace, path: string): string {
  if (path !== 'metadata.labels' && path !== 'metadata.annotations') return fieldValue(pod, place, path);
  const entries = path === 'metadata.labels' ? pod.metadata.labels : pod.metadata.annotations;
  const lines = Object.entries(entries ?? {}).map(([key, text]) => `${key}=${JSON.stringify(text)}`);
  return lines.sort().join('\n');
}

/** In units of the divisor, rounded up. */
export function resourceValue(
  container: Container,
  { resource, divisor }: ResourceFieldSelector,
  place: PodPlace,
): string {
  const [kind = '', name = ''] = resource.split(/\.(.*)/);
  if ((kind !== 'limits' && kind !== 'requests') || !['cpu', 'memory', 'ephemeral-storage'].includes(name)) {
    throw new ConfigError(
      `resourceFieldRef ${resource}: must be limits or requests of cpu, memory or ephemeral-storage`,
    );
  }
  const { limits = {}, requests = {} } = container.resources;
  const amount = kind === 'limits' ? limits[name] : (requests[name] ?? limits[name]);
  const nano = amount === undefined ? missing(kind, name, place) : parseQuantity(amount)!.nano;
  const unit = divisor && value(divisor) > 0 ? parseQuantity(divisor)!.nano : 10n ** 9n;
  return String((nano + unit - 1n) / unit);
}

/** Without a limit all of the node is allowed; without a request nothing is asked. */
function missing(kind: 'limits' | 'requests', name: string, { capacity }: PodPlace): bigint {
  if (kind === 'requests') return 0n;
  if (name === 'cpu') return BigInt(capacity.cpuMillis) * 10n ** 6n;
  return name === 'memory' ? BigInt(capacity.memoryBytes) * 10n ** 9n : 0n;
}
