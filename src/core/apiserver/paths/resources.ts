/** What the kinds say about groups, versions and resources. */
import type { Subresource } from '../../api/kind.ts';
import { Eviction } from '../../api/kinds/eviction.ts';
import { kinds } from '../../api/kinds/index.ts';
import type { Verb } from '../../api/request.ts';
import type { AnyKind } from '../entry.ts';

/** The versions of each group, in the order of the kinds. */
export const apiVersionsByGroup = new Map<string, string[]>();
for (const { group, apiVersion } of kinds) {
  const found = apiVersionsByGroup.get(group) ?? [];
  apiVersionsByGroup.set(group, found.includes(apiVersion) ? found : [...found, apiVersion]);
}
// kubectl before 1.22 evicts pods only where this group is served, even if nothing is in it.
apiVersionsByGroup.set(Eviction.group, [Eviction.apiVersion]);

/** Core lists carry no apiVersion in the original; clients take both. */
export function resourceList(groupVersion: string) {
  const served = kinds.filter(({ apiVersion }) => apiVersion === groupVersion);
  const resources = served.flatMap((kind) => [
    resourceOf(kind),
    ...kind.subresources.map((sub) => subresourceOf(kind, sub)),
  ]);
  return {
    kind: 'APIResourceList',
    ...(groupVersion.includes('/') && { apiVersion: 'v1' }),
    groupVersion,
    resources: resources.sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

const allVerbs: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

export const verbsOf = (kind: AnyKind): Verb[] => [...(kind.verbs ?? allVerbs)].sort();

function resourceOf(kind: AnyKind) {
  const { plural: name, singular: singularName, namespaced, shortNames, categories } = kind;
  return {
    name,
    singularName,
    namespaced,
    kind: kind.kind,
    verbs: verbsOf(kind),
    ...(shortNames.length && { shortNames }),
    ...(categories.length && { categories }),
  };
}

interface SubresourceForm {
  readonly verbs: Verb[];
  /** What it speaks of, where that is not the object; clients need the group of its kind where it is another. */
  readonly type?: { readonly kind: string; readonly group?: string; readonly version?: string };
}

const subresourceForms: Readonly<Record<Subresource, SubresourceForm>> = {
  status: { verbs: ['get', 'patch', 'update'] },
  finalize: { verbs: ['update'] },
  scale: { verbs: ['get', 'patch', 'update'], type: { kind: 'Scale', group: 'autoscaling', version: 'v1' } },
  binding: { verbs: ['create'], type: { kind: 'Binding' } },
  eviction: { verbs: ['create'], type: { kind: 'Eviction', group: 'policy', version: 'v1' } },
  log: { verbs: ['get'] },
  proxy: { verbs: ['create', 'delete', 'get', 'patch', 'update'] },
};

export function subresourceForm({ kind }: AnyKind, sub: Subresource): SubresourceForm {
  const form = subresourceForms[sub];
  return sub === 'proxy' ? { ...form, type: { kind: `${kind}ProxyOptions` } } : form;
}

function subresourceOf(of: AnyKind, sub: Subresource) {
  const { plural, kind, namespaced } = of;
  const { verbs, type = { kind } } = subresourceForm(of, sub);
  return { name: `${plural}/${sub}`, singularName: '', namespaced, ...type, verbs };
}
