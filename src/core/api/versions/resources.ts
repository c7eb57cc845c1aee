/**
 * The resources that the versions before v1 had: what they were called, how their objects are converted, which fields
 * a selector could name, and the words of their errors at 0.17. Kinds that came later are not in it.
 */
import { limitRange, resourceQuota } from './budgets.ts';
import { endpoints } from './endpoints.ts';
import { node } from './node.ts';
import type { Pair } from './pair.ts';
import { phaseWords, pod } from './pod.ts';
import { podTemplate, replicationController } from './replication-controller.ts';
import { service } from './service.ts';
import { binding, componentStatus, event, namespace, secret } from './small-kinds.ts';
import { persistentVolume, persistentVolumeClaim } from './storage.ts';
import { isInline, type OlderVersion } from './version.ts';

/** A field of an old selector: the path in v1, and how its values are converted where they were other words. */
export type OldField = string | readonly [path: string, values: Pair];

export interface OldResource {
  /** In v1. */
  readonly kind: string;
  readonly plural: string;
  /**
   * Before v1beta3, where it was another: names in paths (any of them, the first is its own; none for a kind that
   * came with v1beta3) and the kind.
   */
  readonly inlinePlurals?: readonly string[];
  readonly inlineKind?: string;
  /** Before v1beta3 some kinds had no labels. */
  readonly labelled: boolean;
  /** The object without its metadata. */
  pair(version: OlderVersion): Pair;
  /** Fields of selectors besides the name: before v1beta3, and of v1beta3. */
  readonly inlineFields?: Readonly<Record<string, OldField>>;
  readonly fields?: Readonly<Record<string, OldField>>;
  /** What errors call it. */
  readonly errorWord: string;
  /** A DELETE answers the object that was deleted, not a Status. */
  readonly deleteAnswersObject?: boolean;
}

const involved = (name: string) => ({
  'involvedObject.kind': 'involvedObject.kind',
  'involvedObject.namespace': 'involvedObject.namespace',
  [name]: 'involvedObject.name',
  'involvedObject.uid': 'involvedObject.uid',
  'involvedObject.apiVersion': 'involvedObject.apiVersion',
  'involvedObject.resourceVersion': 'involvedObject.resourceVersion',
  'involvedObject.fieldPath': 'involvedObject.fieldPath',
  reason: 'reason',
  source: 'source',
});
const phase = { 'status.phase': 'status.phase' };
const type = { type: 'type' };

export const resources: readonly OldResource[] = [
  {
    kind: 'Pod',
    plural: 'pods',
    labelled: true,
    pair: pod,
    inlineFields: { 'DesiredState.Host': 'spec.nodeName', 'DesiredState.Status': ['status.phase', phaseWords] },
    fields: { 'spec.host': 'spec.nodeName', ...phase },
    errorWord: 'pods',
    deleteAnswersObject: true,
  },
  {
    kind: 'ReplicationController',
    plural: 'replicationcontrollers',
    inlinePlurals: ['replicationControllers'],
    labelled: true,
    pair: replicationController,
    inlineFields: { 'currentState.replicas': 'status.replicas' },
    fields: { 'status.replicas': 'status.replicas' },
    errorWord: 'replicationControllers',
  },
  { kind: 'Service', plural: 'services', labelled: true, pair: service, errorWord: 'service' },
  { kind: 'Endpoints', plural: 'endpoints', labelled: false, pair: endpoints, errorWord: 'endpoints' },
  {
    kind: 'Node',
    plural: 'nodes',
    inlinePlurals: ['minions', 'nodes'],
    inlineKind: 'Minion',
    labelled: true,
    pair: node,
    inlineFields: { unschedulable: 'spec.unschedulable' },
    fields: { 'spec.unschedulable': 'spec.unschedulable' },
    errorWord: 'minion',
  },
  {
    kind: 'Namespace',
    plural: 'namespaces',
    labelled: true,
    pair: namespace,
    inlineFields: phase,
    fields: phase,
    errorWord: 'namespaces',
    deleteAnswersObject: true,
  },
  {
    kind: 'Event',
    plural: 'events',
    labelled: false,
    pair: event,
    // The name was still called id in paths of fields.
    inlineFields: involved('involvedObject.id'),
    fields: involved('involvedObject.name'),
    errorWord: 'events',
  },
  {
    kind: 'Secret',
    plural: 'secrets',
    labelled: false,
    pair: secret,
    inlineFields: type,
    fields: type,
    errorWord: 'secrets',
  },
  {
    kind: 'PodTemplate',
    plural: 'podtemplates',
    inlinePlurals: [],
    labelled: true,
    pair: podTemplate,
    errorWord: 'podtemplates',
    deleteAnswersObject: true,
  },
  {
    kind: 'LimitRange',
    plural: 'limitranges',
    inlinePlurals: ['limitRanges'],
    labelled: false,
    pair: limitRange,
    errorWord: 'limitranges',
  },
  {
    kind: 'ResourceQuota',
    plural: 'resourcequotas',
    inlinePlurals: ['resourceQuotas'],
    labelled: true,
    pair: resourceQuota,
    errorWord: 'resourcequotas',
    deleteAnswersObject: true,
  },
  {
    kind: 'PersistentVolume',
    plural: 'persistentvolumes',
    inlinePlurals: ['persistentVolumes'],
    labelled: false,
    pair: persistentVolume,
    errorWord: 'persistentvolume',
    deleteAnswersObject: true,
  },
  {
    kind: 'PersistentVolumeClaim',
    plural: 'persistentvolumeclaims',
    inlinePlurals: ['persistentVolumeClaims'],
    labelled: false,
    pair: persistentVolumeClaim,
    errorWord: 'persistentvolumeclaims',
    deleteAnswersObject: true,
  },
  {
    kind: 'ComponentStatus',
    plural: 'componentstatuses',
    inlinePlurals: ['componentStatuses'],
    labelled: false,
    pair: componentStatus,
    errorWord: 'componentstatuses',
  },
  { kind: 'Binding', plural: 'bindings', labelled: false, pair: binding, errorWord: 'binding' },
];

/** Names in paths; the case of the letters counts. */
export function pluralsOf({ plural, inlinePlurals }: OldResource, version: OlderVersion): readonly string[] {
  return (isInline(version) && inlinePlurals) || [plural];
}

export function kindIn({ kind, inlineKind }: OldResource, version: OlderVersion): string {
  return (isInline(version) && inlineKind) || kind;
}

/** By its name in paths of that version. */
export function resourceAt(version: OlderVersion, plural: string): OldResource | undefined {
  return resources.find((resource) => pluralsOf(resource, version).includes(plural));
}

/** By its name in v1. */
export function resourceOf(plural: string): OldResource | undefined {
  return resources.find((resource) => resource.plural === plural);
}
