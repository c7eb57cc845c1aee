/** Aggregated discovery: all groups, versions and resources in one document, for clients that ask for it in Accept. */
import { createHash } from 'node:crypto';
import { kinds } from '../../api/kinds/index.ts';
import type { AnyKind } from '../entry.ts';
import { parseAccept } from '../http/accept.ts';
import type { RawAnswer } from './raw.ts';
import { subresourceForm, verbsOf } from './resources.ts';

type Groups = readonly (readonly [group: string, apiVersions: readonly string[]])[];

/** What a version before v1 served, as its own list tells it. */
interface ResourceList {
  readonly groupVersion: string;
  readonly resources: readonly {
    name: string;
    singularName: string;
    namespaced: boolean;
    kind: string;
    verbs: string[];
  }[];
}

/**
 * Undefined when the client would rather have the lists of old. The two documents differ in their name only. `older` are
 * versions to stand behind those of the first group, so that today's clients can still name them.
 */
export async function aggregated(
  accept: string | undefined,
  groups: Groups,
  older: () => Promise<readonly ResourceList[]> = async () => [],
): Promise<RawAnswer | undefined> {
  for (const { type, parameters } of accept ? parseAccept(accept) : []) {
    const { as, g, v } = parameters;
    if (!as && (type === 'application/json' || type === '*/*')) return undefined;
    if (type !== 'application/json' || as !== 'APIGroupDiscoveryList' || g !== 'apidiscovery.k8s.io') continue;
    if (v === 'v2' || v === 'v2beta1') return documentOf(v, groups, await older());
  }
  return undefined;
}

function documentOf(version: string, groups: Groups, older: readonly ResourceList[]): RawAnswer {
  const items = groups.map(([group, apiVersions]) => ({
    metadata: { name: group, creationTimestamp: null },
    versions: [...apiVersions.map(versionOf), ...older.map(olderVersionOf)],
  }));
  const body = { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items };
  return {
    body,
    contentType: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
    etag: createHash('sha512').update(JSON.stringify(body)).digest('hex').toUpperCase(),
    headers: { Vary: 'Accept', 'Cache-Control': 'public' },
  };
}

function versionOf(apiVersion: string) {
  const served = kinds.filter((kind) => kind.apiVersion === apiVersion);
  const resources = served.map(resourceOf).sort((a, b) => (a.resource < b.resource ? -1 : 1));
  return { version: apiVersion.split('/').at(-1), resources, freshness: 'Current' };
}

function olderVersionOf({ groupVersion: version, resources }: ResourceList) {
  return {
    version,
    resources: resources.map(({ name, singularName, namespaced, kind, verbs }) => ({
      resource: name,
      responseKind: { group: '', version, kind },
      scope: scopeOf(namespaced),
      singularResource: singularName,
      verbs,
    })),
    freshness: 'Current',
  };
}

const scopeOf = (namespaced: boolean) => (namespaced ? 'Namespaced' : 'Cluster');

function resourceOf(kind: AnyKind) {
  const { plural, singular, namespaced, shortNames, categories, subresources } = kind;
  return {
    resource: plural,
    responseKind: typeOf(kind, kind.kind),
    scope: scopeOf(namespaced),
    singularResource: singular,
    verbs: verbsOf(kind),
    ...(shortNames.length && { shortNames }),
    ...(categories.length && { categories }),
    ...(subresources.length && {
      subresources: [...subresources].sort().map((subresource) => {
        const { verbs, type } = subresourceForm(kind, subresource);
        return { subresource, responseKind: { ...typeOf(kind, kind.kind), ...type }, verbs };
      }),
    }),
  };
}

const typeOf = ({ group, version }: AnyKind, kind: string) => ({ group, version, kind });
