/** Which secrets and config maps the pods of a node need: its agents may read these, and no others. */
import { Pod } from '../../api/kinds/index.ts';
import type { PodSpec } from '../../api/types/pod.ts';
import type { Cache } from '../cache.ts';

interface Reference {
  plural: 'secrets' | 'configmaps';
  name: string | undefined;
}

export interface PodData {
  plural: string;
  namespace: string | undefined;
  name: string | undefined;
}

export function isNeededOn(node: string, { plural, namespace, name }: PodData, cache: Cache): boolean {
  const needs = cache.resource(Pod).index('data by node', (object) => {
    const { metadata, spec } = object as unknown as Pod;
    if (!spec.nodeName) return [];
    return referencesOf(spec).map((one) => keyOf(spec.nodeName!, one.plural, metadata.namespace, one.name));
  });
  return needs.has(keyOf(node, plural, namespace, name));
}

/** No name holds a slash. */
const keyOf = (...parts: (string | undefined)[]) => parts.join('/');

function referencesOf({ containers, initContainers = [], volumes = [], imagePullSecrets = [] }: PodSpec): Reference[] {
  const variables = [...containers, ...initContainers].flatMap(({ env = [], envFrom = [] }) => [
    ...env.flatMap(({ valueFrom = {} }) => refs(valueFrom.secretKeyRef, valueFrom.configMapKeyRef)),
    ...envFrom.flatMap(({ secretRef, configMapRef }) => refs(secretRef, configMapRef)),
  ]);
  const files = volumes.flatMap(({ secret, configMap, projected }) => [
    ...refs(secret && { name: secret.secretName }, configMap),
    ...(projected?.sources ?? []).flatMap((source) => refs(source.secret, source.configMap)),
  ]);
  return [...variables, ...files, ...imagePullSecrets.flatMap((secret) => refs(secret, undefined))];
}

type Named = { name?: string | undefined } | undefined;

function refs(secret: Named, configMap: Named): Reference[] {
  return [
    ...(secret ? [{ plural: 'secrets' as const, name: secret.name }] : []),
    ...(configMap ? [{ plural: 'configmaps' as const, name: configMap.name }] : []),
  ];
}
