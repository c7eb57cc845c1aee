/**
 * What we write on every container and network, and read back: state is what carries these labels, so containers are
 * found after any crash and `destroy` removes all of them and nothing else.
 */
import type { PodIdentity } from '../runtime.ts';

export const labels = {
  cluster: 'kubecfg.cluster',
  machine: 'kubecfg.machine',
  specHash: 'kubecfg.spec-hash',
  annotations: 'kubecfg.annotations',
  podName: 'io.kubernetes.pod.name',
  podNamespace: 'io.kubernetes.pod.namespace',
  podUID: 'io.kubernetes.pod.uid',
  containerName: 'io.kubernetes.container.name',
  sandboxID: 'io.kubernetes.sandbox.id',
} as const;

/** The container name of a sandbox, as in Kubernetes: upper case, so no container of a spec can have it. */
export const sandboxName = 'POD';

export type Labels = Readonly<Record<string, string>>;

/** A machine of a cluster. */
export interface Place {
  cluster: string;
  machine: string;
}

export function labelsOf(place: Place, pod: PodIdentity, containerName: string, annotations: Labels): Labels {
  return {
    [labels.cluster]: place.cluster,
    [labels.machine]: place.machine,
    [labels.podName]: pod.name,
    [labels.podNamespace]: pod.namespace,
    [labels.podUID]: pod.uid,
    [labels.containerName]: containerName,
    [labels.annotations]: JSON.stringify(annotations),
  };
}

export function podOf(from: Labels): PodIdentity {
  return {
    namespace: from[labels.podNamespace] ?? '',
    name: from[labels.podName] ?? '',
    uid: from[labels.podUID] ?? '',
  };
}

export function annotationsOf(from: Labels): Labels {
  return JSON.parse(from[labels.annotations] ?? '{}') as Labels;
}

/** The `filters` of a Docker list or stream: everything of a cluster, or of one of its machines. */
export function filterOf(place: { cluster: string; machine?: string }): { label: string[] } {
  const machine = place.machine === undefined ? [] : [`${labels.machine}=${place.machine}`];
  return { label: [`${labels.cluster}=${place.cluster}`, ...machine] };
}
