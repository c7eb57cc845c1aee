/** Persistent volume claims: the wish for storage. Their spec is also part of pods, see ./volume.ts. */
import { list, map, oneOf, opt, ptr, quantity, req, type Static, str, struct, time } from '../schema.ts';
import { ObjectMeta, TypeMeta } from './meta.ts';
import { PersistentVolumeClaimSpec } from './volume.ts';

export const PersistentVolumeClaimCondition = struct('PersistentVolumeClaimCondition', {
  type: req(1, str),
  status: req(2, oneOf('True', 'False', 'Unknown')),
  lastProbeTime: req(3, time),
  lastTransitionTime: req(4, time),
  reason: opt(5, str),
  message: opt(6, str),
});
export type PersistentVolumeClaimCondition = Static<typeof PersistentVolumeClaimCondition>;

export const ModifyVolumeStatus = struct('ModifyVolumeStatus', {
  targetVolumeAttributesClassName: opt(1, str),
  status: req(2, oneOf('Pending', 'InProgress', 'Infeasible')),
});
export type ModifyVolumeStatus = Static<typeof ModifyVolumeStatus>;

export const PersistentVolumeClaimStatus = struct('PersistentVolumeClaimStatus', {
  phase: opt(1, oneOf('Pending', 'Bound', 'Lost')),
  accessModes: opt(2, list(oneOf('ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod')), {
    listType: 'atomic',
  }),
  capacity: opt(3, map(quantity)),
  conditions: opt(4, list(PersistentVolumeClaimCondition), {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
    listType: 'map',
    listMapKeys: ['type'],
  }),
  allocatedResources: opt(5, map(quantity)),
  allocatedResourceStatuses: opt(
    7,
    map(
      oneOf(
        'ControllerResizeInProgress',
        'ControllerResizeInfeasible',
        'NodeResizePending',
        'NodeResizeInProgress',
        'NodeResizeInfeasible',
      ),
    ),
    { mapType: 'granular' },
  ),
  currentVolumeAttributesClassName: ptr(8, str),
  modifyVolumeStatus: opt(9, ModifyVolumeStatus),
});
export type PersistentVolumeClaimStatus = Static<typeof PersistentVolumeClaimStatus>;

export const PersistentVolumeClaim = struct('PersistentVolumeClaim', {
  ...TypeMeta.fields,
  metadata: req(1, ObjectMeta),
  spec: req(2, PersistentVolumeClaimSpec),
  status: req(3, PersistentVolumeClaimStatus),
});
export type PersistentVolumeClaim = Static<typeof PersistentVolumeClaim>;
