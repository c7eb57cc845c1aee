/** Which backend a relay leads to: of a node, a pod or a service that is named `[SCHEME:]NAME[:PORT]`. */
import { Endpoints, Node, Pod, Service } from '../../api/kinds/index.ts';
import { ApiError, badRequest, notFound, unexplained } from '../../api/status.ts';
import { pick } from '../../async/random.ts';
import type { Context } from '../context.ts';
import type { AnyKind } from '../entry.ts';
import { entryOf } from '../verbs/get.ts';
import type { Backend } from './backend.ts';
import { kubeletOf, nodeAddress } from './kubelet.ts';

export interface Target {
  readonly kind: AnyKind;
  readonly namespace: string | undefined;
  /** As it stands in the path. */
  readonly id: string;
  /** In the path before the resource, as before 1.10; errors then are those of 0.17. */
  readonly old: boolean;
}

export function backendOf(context: Context, { kind, namespace, id, old }: Target): Backend {
  const named = nameOf(kind, id);
  const read = <T>(kind: AnyKind) =>
    entryOf(context, { verb: 'get', kind, namespace, name: named.name }).object as unknown as T;
  if (kind === Node) return nodeBackend(context, read(Node), named);
  if (kind === Pod) return podBackend(read(Pod), named);
  const endpoints = endpointsOf(context, namespace, named.name);
  if (old && !endpoints) throw notFound(Endpoints, named.name);
  const found = serviceBackends(read(Service), endpoints, named);
  if (found.length === 0) {
    if (old) throw unexplained(`no endpoints available for "${id}"`);
    throw unavailable(`no endpoints available for service ${JSON.stringify(id)}`);
  }
  return found[pick(context.random, found.length)]!;
}

interface Named {
  readonly scheme: Backend['scheme'];
  readonly name: string;
  /** A number or a name; '' is the usual one. */
  readonly port: string;
}

/** `web`, `web:80`, `https:web:` or `https:web:443` (apimachinery SplitSchemeNamePort). */
function nameOf({ singular }: AnyKind, id: string): Named {
  const parts = id.split(':');
  const [scheme = '', name = '', port = ''] = parts.length < 3 ? ['', ...parts] : parts;
  if (parts.length > 3 || name === '' || !['', 'http', 'https'].includes(scheme)) {
    throw badRequest(`invalid ${singular} request ${JSON.stringify(id)}`);
  }
  return { scheme: scheme === 'https' ? 'https' : 'http', name, port };
}

const unavailable = (message: string) => new ApiError('ServiceUnavailable', message);

/** The kubelet, or whatever else listens at the node's address. */
function nodeBackend(context: Context, node: Node, { scheme, port }: Named): Backend {
  const kubelet = kubeletOf(context, node);
  if (port === '' || Number(port) === kubelet.port) return kubelet.identity ? kubelet : { ...kubelet, scheme };
  return { scheme, host: nodeAddress(node), port: portNumber(port) };
}

/** Without a port the first that a container names; HTTP's own when none does. */
function podBackend({ metadata, spec, status }: Pod, { scheme, port }: Named): Backend {
  const { podIP: host } = status;
  if (!host) throw unavailable(`pod ${JSON.stringify(metadata.name)} has no address yet`);
  const ports = spec.containers.flatMap((container) => container.ports ?? []);
  if (port === '') return { scheme, host, port: ports[0]?.containerPort ?? (scheme === 'https' ? 443 : 80) };
  const named = ports.find(({ name }) => name === port);
  return { scheme, host, port: named?.containerPort ?? portNumber(port) };
}

function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65535) throw badRequest(`invalid port ${JSON.stringify(text)}`);
  return port;
}

/** All ready endpoints of a port of the service, which is named, or given by its number, or the only one. */
function serviceBackends(
  { metadata, spec }: Service,
  endpoints: Endpoints | undefined,
  { scheme, port }: Named,
): Backend[] {
  const { ports = [] } = spec;
  let name = port;
  if (/^\d+$/.test(port)) {
    const numbered = ports.find((one) => one.port === Number(port));
    if (!numbered) throw unavailable(`no service port ${port} found for service ${JSON.stringify(metadata.name)}`);
    name = numbered.name ?? '';
  } else if (port === '' && ports.length === 1) name = ports[0]!.name ?? '';
  return (endpoints?.subsets ?? []).flatMap((subset) =>
    (subset.ports ?? [])
      .filter((one) => (one.name ?? '') === name)
      .flatMap((one) => (subset.addresses ?? []).map(({ ip }): Backend => ({ scheme, host: ip, port: one.port }))),
  );
}

function endpointsOf({ cache }: Context, namespace: string | undefined, name: string): Endpoints | undefined {
  const resource = cache.resource(Endpoints);
  return resource.get(resource.key(namespace, name))?.object as unknown as Endpoints | undefined;
}
