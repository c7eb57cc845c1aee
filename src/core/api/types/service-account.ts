/** Service accounts: who the processes of a pod are. */
import { bool, list, opt, ptr, req, type Static, struct } from '../schema.ts';
import { ObjectMeta, TypeMeta } from './meta.ts';
import { LocalObjectReference, ObjectReference } from './reference.ts';

export const ServiceAccount = struct('ServiceAccount', {
  ...TypeMeta.fields,
  metadata: req(1, ObjectMeta),
  secrets: opt(2, list(ObjectReference), {
    patchStrategy: 'merge',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
  imagePullSecrets: opt(3, list(LocalObjectReference), { listType: 'atomic' }),
  automountServiceAccountToken: ptr(4, bool),
});
export type ServiceAccount = Static<typeof ServiceAccount>;
