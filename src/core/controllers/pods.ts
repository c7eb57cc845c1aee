/** What controllers ask of pods, and the indexes by which they find them. */
import type { Pod } from '../api/kinds/index.ts';
import type { KubeObject, Stored } from '../api/object.ts';
import type { Labels } from '../api/selectors.ts';
import { isFinished, readyCondition } from '../api/states.ts';
import type { OwnerReference } from '../api/types/meta.ts';
import type { Informer } from '../client/informer.ts';

/** Neither finished nor on its way out: a pod that counts. */
export function isActive(pod: Stored<Pod>): boolean {
  return !isFinished(pod) && !pod.metadata.deletionTimestamp;
}

export function isReady(pod: Stored<Pod>): boolean {
  return readyCondition(pod)?.status === 'True';
}

/** Since when the pod is Ready, in milliseconds; undefined when it is not. */
export function readySince(pod: Stored<Pod>): number | undefined {
  const ready = readyCondition(pod);
  return ready?.status === 'True' ? Date.parse(ready.lastTransitionTime) : undefined;
}

/** The one owner that manages the object. */
export function controllerOf({ metadata }: Stored<KubeObject>): OwnerReference | undefined {
  return metadata.ownerReferences?.find((owner) => owner.controller);
}

/** An empty selector selects nothing: an object without one has its pods named by hand. */
export function selects(selector: Labels | undefined, labels: Labels | undefined): boolean {
  const pairs = Object.entries(selector ?? {});
  return pairs.length > 0 && pairs.every(([key, value]) => labels?.[key] === value);
}

const pairKey = (namespace: string, [key, value]: [string, string]) => `${namespace}/${key}=${value}`;

/** Indexers are shared by being the same function, see core/client/cache.ts. */
export const podIndexers = {
  label: ({ metadata }: Stored<Pod>) =>
    Object.entries(metadata.labels ?? {}).map((pair) => pairKey(metadata.namespace, pair)),
  controller: (pod: Stored<Pod>) => {
    const owner = controllerOf(pod);
    return owner ? [owner.uid] : [];
  },
  node: ({ spec }: Stored<Pod>) => (spec.nodeName ? [spec.nodeName] : []),
  namespace: ({ metadata }: Stored<Pod>) => [metadata.namespace],
};

/** The pods of a namespace that a selector selects; looks only at those that share its first label. */
export function* podsSelectedBy(pods: Informer<Pod>, namespace: string, selector: Labels | undefined) {
  const [first] = Object.entries(selector ?? {});
  if (!first) return;
  for (const pod of pods.byIndex('label', pairKey(namespace, first))) {
    if (selects(selector, pod.metadata.labels)) yield pod;
  }
}

type Selecting = KubeObject & { spec: { selector?: Labels | undefined } };

/** For objects with a selector: files them under its first label, so that a pod finds those that select it. */
export const selectorIndexers = {
  selector: ({ metadata, spec }: Stored<Selecting>) => {
    const [first] = Object.entries(spec.selector ?? {});
    return first ? [pairKey(metadata.namespace, first)] : [];
  },
};

/** The services or replication controllers whose selector selects the pod. */
export function* selecting<T extends Selecting>(objects: Informer<T>, { metadata }: Stored<Pod>): Generator<Stored<T>> {
  for (const pair of Object.entries(metadata.labels ?? {})) {
    for (const object of objects.byIndex('selector', pairKey(metadata.namespace, pair))) {
      if (selects(object.spec.selector, metadata.labels)) yield object;
    }
  }
}
