/** Which objects a list, a watch or a deletecollection is about, and the cheapest way to find them. */
import type { ApiRequest } from '../api/request.ts';
import { parseFieldSelector, parseLabelSelector } from '../api/selectors.ts';
import type { Entry } from './entry.ts';
import type { Resource } from './resource.ts';

export interface Selection {
  readonly namespace: string | undefined;
  /** All of it lies below these keys. */
  readonly prefix: string;
  /** No selector at all: everything in the namespace. */
  readonly whole: boolean;
  /** The name under which watches of this selection are filed: a key, a prefix of keys, or a field's value. */
  readonly bucket: string;
  /** The field that must have one value, when there is one; the bucket is named by it. */
  readonly field: { readonly path: string; readonly value: string } | undefined;
  /** Asked about what lies in the bucket, or below the prefix. */
  readonly matches: (entry: Entry) => boolean;
  /** The selected objects now, in the order of their keys. */
  entries(resource: Resource): readonly Entry[];
}

export function selectionOf(resource: Resource, { namespace, name, options = {} }: ApiRequest): Selection {
  const { kind } = resource;
  const labels = parseLabelSelector(options.labelSelector ?? '');
  const fields = parseFieldSelector(kind, options.fieldSelector ?? '');
  const prefix = resource.prefixOf(namespace);
  const exactName = name ?? fields.exact('metadata.name');
  const key = exactName && (namespace || !kind.namespaced) ? resource.key(namespace, exactName) : undefined;
  const exact = key ? undefined : fields.requirements.find((r) => r.equals && !r.path.startsWith('metadata.'));

  const whole = labels.empty && fields.empty && !key;
  const selected = (entry: Entry) =>
    (labels.empty || labels.matches(entry.labels)) && (fields.empty || fields.matches(entry.object));
  const matches = (entry: Entry) => (key ? entry.key === key : entry.key.startsWith(prefix)) && selected(entry);

  return {
    namespace,
    prefix,
    whole,
    bucket: key ?? (exact ? fieldBucket(exact.path, exact.value) : prefix),
    field: exact,
    matches: whole ? () => true : matches,
    entries(from) {
      if (whole) return from.snapshot(namespace).entries;
      if (key) return [from.get(key)].filter((entry) => entry !== undefined && matches(entry)) as Entry[];
      const near = exact && from.index(exact.path, (object) => [exact.read(object)]).get(exact.value);
      return (near ?? from.snapshot(namespace).entries).filter(matches);
    },
  };
}

export const fieldBucket = (path: string, value: string): string => `${path}=${value}`;
