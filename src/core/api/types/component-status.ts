/** Component statuses: whether a part of the control plane is well. */
import { list, oneOf, opt, req, type Static, str, struct } from '../schema.ts';
import { ObjectMeta, TypeMeta } from './meta.ts';

export const ComponentCondition = struct('ComponentCondition', {
  type: req(1, str),
  status: req(2, oneOf('True', 'False', 'Unknown')),
  message: opt(3, str),
  error: opt(4, str),
});
export type ComponentCondition = Static<typeof ComponentCondition>;

export const ComponentStatus = struct('ComponentStatus', {
  ...TypeMeta.fields,
  metadata: req(1, ObjectMeta),
  conditions: opt(2, list(ComponentCondition), {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
    listType: 'map',
    listMapKeys: ['type'],
  }),
});
export type ComponentStatus = Static<typeof ComponentStatus>;
