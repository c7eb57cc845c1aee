/**
 * What users may do. Masters may do everything. The agents of a node (kubelet, proxy, routes) may read what they work
 * with, and write what is about their own node: as Kubernetes' node authorizer and its admission plug-in together.
 */
import type { Pod } from '../../api/kinds/index.ts';
import { masters } from '../../api/users.ts';
import type { Cache } from '../cache.ts';
import type { AnyKind } from '../entry.ts';
import { isNeededOn } from './pod-data.ts';
import { nodeOf, type User } from './user.ts';

export interface Wish {
  /** The method of HTTP: reading is GET, everything else is a write. */
  readonly method: string;
  readonly path: string;
  /** Undefined for paths that are no resources. */
  readonly target?: {
    readonly kind: AnyKind;
    readonly namespace?: string | undefined;
    readonly name?: string | undefined;
    readonly subresource?: string | undefined;
  };
}

/**
 * What agents read: enough for pods, services and routes, beside the secrets and config maps of their own pods. Relays and
 * logs of others are not among it.
 */
const readable: ReadonlySet<string> = new Set([
  ...['nodes', 'pods', 'services', 'endpoints', 'namespaces', 'leases'],
  ...['serviceaccounts', 'persistentvolumes', 'persistentvolumeclaims'],
]);
/** Paths that say nothing of what is in the cluster: health, version, and which resources there are. */
const openPaths = /^\/((healthz|livez|readyz|openapi)(\/.*)?|version|api(\/[^/]+)?|apis(\/[^/]+){0,2})?$/;

export function isAllowed(user: User, wish: Wish, cache: Cache): boolean {
  if (user.groups.includes(masters)) return true;
  const { method, path, target } = wish;
  const isRead = method === 'GET' || method === 'HEAD';
  const node = nodeOf(user);
  // Machines are what nodes are in fleet's words.
  if (!target) return isRead && (openPaths.test(path) || (node !== undefined && path === '/fleet/v1/machines'));
  if (node === undefined) return false;
  const { kind, namespace, name, subresource } = target;
  if (isRead) {
    if (subresource) return false;
    return readable.has(kind.plural) || isNeededOn(node, { plural: kind.plural, namespace, name }, cache);
  }
  switch (kind.plural) {
    case 'events':
      return method === 'POST' || method === 'PATCH' || method === 'PUT';
    case 'nodes':
      // The name of one that is created is in its body: it is the first of that name, and the user will be its agent only
      // if it is its own.
      return (method === 'POST' && name === undefined) || (name === node && !isRelay(subresource));
    case 'leases':
      return namespace === 'kube-node-lease' && (name === node || (method === 'POST' && name === undefined));
    case 'pods':
      return isOwnWrite(method, subresource) && isOn(node, cache, target);
    default:
      return false;
  }
}

/** Of a pod by the agent of its node, which also evicts them when it leaves (as the node authorizer lets it). */
const isOwnWrite = (method: string, subresource: string | undefined) =>
  subresource === 'status' || subresource === 'eviction' || (!subresource && method === 'DELETE');

const isRelay = (subresource: string | undefined) => subresource === 'proxy';

function isOn(node: string, cache: Cache, { kind, namespace, name = '' }: NonNullable<Wish['target']>): boolean {
  const resource = cache.resource(kind);
  const pod = resource.get(resource.key(namespace, name))?.object as Pod | undefined;
  // One that is not there is for the verb to say.
  return pod === undefined || pod.spec.nodeName === node;
}
