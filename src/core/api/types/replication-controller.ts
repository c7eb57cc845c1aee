/** The replication controller: a number of equal pods. */
import { int32, int64, list, map, oneOf, opt, ptr, req, type Static, str, struct, time } from '../schema.ts';
import { ObjectMeta, TypeMeta } from './meta.ts';
import { PodTemplateSpec } from './pod.ts';

export const ReplicationControllerSpec = struct('ReplicationControllerSpec', {
  replicas: ptr(1, int32, { default: 1 }),
  minReadySeconds: opt(4, int32, { default: 0 }),
  selector: opt(2, map(str), { mapType: 'atomic' }),
  template: opt(3, PodTemplateSpec),
});
export type ReplicationControllerSpec = Static<typeof ReplicationControllerSpec>;

export const ReplicationControllerCondition = struct('ReplicationControllerCondition', {
  type: req(1, str),
  status: req(2, oneOf('True', 'False', 'Unknown')),
  lastTransitionTime: req(3, time),
  reason: opt(4, str),
  message: opt(5, str),
});
export type ReplicationControllerCondition = Static<typeof ReplicationControllerCondition>;

export const ReplicationControllerStatus = struct('ReplicationControllerStatus', {
  replicas: req(1, int32),
  fullyLabeledReplicas: opt(2, int32),
  readyReplicas: opt(4, int32),
  availableReplicas: opt(5, int32),
  observedGeneration: opt(3, int64),
  conditions: opt(6, list(ReplicationControllerCondition), {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
    listType: 'map',
    listMapKeys: ['type'],
  }),
});
export type ReplicationControllerStatus = Static<typeof ReplicationControllerStatus>;

export const ReplicationController = struct('ReplicationController', {
  ...TypeMeta.fields,
  metadata: req(1, ObjectMeta),
  spec: req(2, ReplicationControllerSpec),
  status: req(3, ReplicationControllerStatus),
});
export type ReplicationController = Static<typeof ReplicationController>;
