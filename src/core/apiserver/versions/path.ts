/** Paths and queries of the older versions in terms of v1. */
import { kindOf } from '../../api/kinds/index.ts';
import { badRequest, noSuchResource } from '../../api/status.ts';
import {
  fieldSelectorOf,
  isInline,
  type Location,
  type OlderVersion,
  type OldResource,
  resourceAt,
} from '../../api/versions/index.ts';
import type { AnyKind } from '../entry.ts';

export interface Translated {
  /** In v1. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly resource: OldResource;
  readonly kind: AnyKind;
  readonly location: Location;
  readonly subresource: string | undefined;
  /** As it stands in paths; without one, a list spans all. */
  readonly namespace: string | undefined;
}

export interface OldRequest {
  readonly version: OlderVersion;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

const prefixes = ['watch', 'proxy', 'redirect'];

/** Throws NotFound when the path leads nowhere: the names and their case are those of the version. */
export function translate({ version, method, path, query }: OldRequest): Translated {
  // Without the empty part, `api` and the version.
  const parts = path.split('/').slice(3);
  const isFolder = parts.at(-1) === '';
  if (isFolder) parts.pop();
  const prefix = prefixes.includes(parts[0] ?? '') ? parts.shift() : undefined;
  const relayedBefore = prefix === 'proxy' || prefix === 'redirect';
  // 0.17 took the namespace of relays in the path of every version.
  const inPath = !isInline(version) || (relayedBefore && parts[0] === 'namespaces');
  const place = inPath ? pathPlace(version, parts) : inlinePlace(parts, method, query);
  const [plural = '', name, ...rest] = place.parts;
  const resource = resourceAt(version, plural);
  const kind = resource && kindOf('v1', resource.kind);
  if (!resource || !kind) throw noSuchResource();
  const relayed = relayedBefore || (rest[0] === 'proxy' && kind.subresources.includes('proxy'));
  if (!relayed && rest[0] !== undefined && !kind.subresources.some((sub) => sub === rest[0])) throw noSuchResource();

  const namespace = kind.namespaced ? place.namespace : undefined;
  const steps = [...(prefix ? [prefix] : []), ...(namespace ? ['namespaces', namespace] : []), resource.plural];
  if (name !== undefined) steps.push(name, ...rest);
  const location = { version, plural, namespaced: kind.namespaced };
  return {
    path: `/api/v1/${steps.join('/')}${relayed && isFolder ? '/' : ''}`,
    query: relayed ? relayedQuery(version, query) : queryOf(version, resource, query, prefix === 'watch' && name),
    resource,
    kind,
    location,
    subresource: rest[0],
    namespace,
  };
}

interface Place {
  readonly namespace: string | undefined;
  /** Resource, name and what follows. */
  readonly parts: readonly string[];
}

/** Without a namespace, one object is that of the default one, and a list spans all. */
function inlinePlace(parts: readonly string[], method: string, query: URLSearchParams): Place {
  const asked = query.get('namespace');
  const single = method === 'POST' || parts.length > 1;
  const namespace = asked ? encodeURIComponent(asked) : single ? 'default' : undefined;
  return { namespace, parts };
}

function pathPlace(version: OlderVersion, parts: readonly string[]): Place {
  const inNamespace = parts[0] === 'namespaces' && resourceAt(version, parts[2] ?? '');
  if (!inNamespace) return { namespace: undefined, parts };
  if (!parts[1]) throw noSuchResource();
  return { namespace: parts[1], parts: parts.slice(2) };
}

/** Answers of the older versions have no place for what these ask for, so they were not known. */
const unknown = ['limit', 'continue', 'resourceVersionMatch', 'sendInitialEvents', 'allowWatchBookmarks'];

function queryOf(version: OlderVersion, resource: OldResource, query: URLSearchParams, watchedName?: string | false) {
  const out = new URLSearchParams(query);
  for (const name of unknown) out.delete(name);
  const inline = isInline(version);
  const labels = query.get(inline ? 'labels' : 'labelSelector');
  const fields = query.get(inline ? 'fields' : 'fieldSelector');
  if (fields && watchedName) {
    throw badRequest('both a name and a field selector provided; please provide one or the other.');
  }
  for (const name of ['labels', 'fields', 'labelSelector', 'fieldSelector']) out.delete(name);
  if (inline) out.delete('namespace');
  if (labels) out.set('labelSelector', labels);
  if (fields) out.set('fieldSelector', fieldSelectorOf(version, resource, fields));
  // What they did not know they did not mention, and people were to read the answers.
  out.set('fieldValidation', 'Ignore');
  if (!out.has('pretty')) out.set('pretty', 'true');
  return out;
}

/** The rest is for whoever it is sent on to. */
function relayedQuery(version: OlderVersion, query: URLSearchParams): URLSearchParams {
  const out = new URLSearchParams(query);
  if (isInline(version)) out.delete('namespace');
  return out;
}
