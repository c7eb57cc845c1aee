/** What every object carries, and the list, delete and selector types of meta/v1. */
import { any, bool, int32, int64, list, map, oneOf, opt, ptr, req, type Static, str, struct, time } from '../schema.ts';

export const TypeMeta = struct('TypeMeta', {
  kind: opt(1, str),
  apiVersion: opt(2, str),
});
export type TypeMeta = Static<typeof TypeMeta>;

export const ShardInfo = struct('ShardInfo', {
  selector: req(1, str),
});
export type ShardInfo = Static<typeof ShardInfo>;

export const ListMeta = struct('ListMeta', {
  selfLink: opt(1, str),
  resourceVersion: opt(2, str),
  continue: opt(3, str),
  remainingItemCount: ptr(4, int64),
  shardInfo: opt(5, ShardInfo),
});
export type ListMeta = Static<typeof ListMeta>;

export const OwnerReference = struct(
  'OwnerReference',
  {
    apiVersion: req(5, str),
    kind: req(1, str),
    name: req(3, str),
    uid: req(4, str),
    controller: ptr(6, bool),
    blockOwnerDeletion: ptr(7, bool),
  },
  { atomic: true },
);
export type OwnerReference = Static<typeof OwnerReference>;

export const ManagedFieldsEntry = struct('ManagedFieldsEntry', {
  manager: opt(1, str),
  operation: opt(2, oneOf('Apply', 'Update')),
  apiVersion: opt(3, str),
  time: ptr(4, time),
  fieldsType: opt(6, str),
  fieldsV1: opt(7, any),
  subresource: opt(8, str),
});
export type ManagedFieldsEntry = Static<typeof ManagedFieldsEntry>;

export const ObjectMeta = struct('ObjectMeta', {
  name: opt(1, str),
  generateName: opt(2, str),
  namespace: opt(3, str),
  selfLink: opt(4, str),
  uid: opt(5, str),
  resourceVersion: opt(6, str),
  generation: opt(7, int64),
  creationTimestamp: opt(8, time),
  deletionTimestamp: ptr(9, time),
  deletionGracePeriodSeconds: ptr(10, int64),
  labels: opt(11, map(str)),
  annotations: opt(12, map(str)),
  ownerReferences: opt(13, list(OwnerReference), {
    patchStrategy: 'merge',
    patchMergeKey: 'uid',
    listType: 'map',
    listMapKeys: ['uid'],
  }),
  finalizers: opt(14, list(str), { patchStrategy: 'merge', listType: 'set' }),
  managedFields: opt(17, list(ManagedFieldsEntry), { listType: 'atomic' }),
});
export type ObjectMeta = Static<typeof ObjectMeta>;

export const LabelSelectorRequirement = struct('LabelSelectorRequirement', {
  key: req(1, str),
  operator: req(2, oneOf('In', 'NotIn', 'Exists', 'DoesNotExist')),
  values: opt(3, list(str), { listType: 'atomic' }),
});
export type LabelSelectorRequirement = Static<typeof LabelSelectorRequirement>;

export const LabelSelector = struct(
  'LabelSelector',
  {
    matchLabels: opt(1, map(str)),
    matchExpressions: opt(2, list(LabelSelectorRequirement), { listType: 'atomic' }),
  },
  { atomic: true },
);
export type LabelSelector = Static<typeof LabelSelector>;

export const Preconditions = struct('Preconditions', {
  uid: ptr(1, str),
  resourceVersion: ptr(2, str),
});
export type Preconditions = Static<typeof Preconditions>;

export const DeleteOptions = struct('DeleteOptions', {
  ...TypeMeta.fields,
  gracePeriodSeconds: ptr(1, int64),
  preconditions: opt(2, Preconditions),
  orphanDependents: ptr(3, bool),
  propagationPolicy: ptr(4, oneOf('Orphan', 'Background', 'Foreground')),
  dryRun: opt(5, list(str), { listType: 'atomic' }),
  ignoreStoreReadErrorWithClusterBreakingPotential: ptr(6, bool),
});
export type DeleteOptions = Static<typeof DeleteOptions>;

export const StatusCause = struct('StatusCause', {
  reason: opt(1, str),
  message: opt(2, str),
  field: opt(3, str),
});
export type StatusCause = Static<typeof StatusCause>;

export const StatusDetails = struct('StatusDetails', {
  name: opt(1, str),
  group: opt(2, str),
  kind: opt(3, str),
  uid: opt(6, str),
  causes: opt(4, list(StatusCause), { listType: 'atomic' }),
  retryAfterSeconds: opt(5, int32),
});
export type StatusDetails = Static<typeof StatusDetails>;

export const Status = struct('Status', {
  ...TypeMeta.fields,
  metadata: req(1, ListMeta),
  status: opt(2, str),
  message: opt(3, str),
  reason: opt(4, str),
  details: opt(5, StatusDetails),
  code: opt(6, int32),
});
export type Status = Static<typeof Status>;
