/** Limit ranges: what one pod, container or claim of a namespace may ask for. */
import { list, map, opt, quantity, req, type Static, str, struct } from '../schema.ts';
import { ObjectMeta, TypeMeta } from './meta.ts';

export const LimitRangeItem = struct('LimitRangeItem', {
  // Open: besides Pod, Container and PersistentVolumeClaim a qualified name is allowed.
  type: req(1, str),
  max: opt(2, map(quantity)),
  min: opt(3, map(quantity)),
  default: opt(4, map(quantity)),
  defaultRequest: opt(5, map(quantity)),
  maxLimitRequestRatio: opt(6, map(quantity)),
});
export type LimitRangeItem = Static<typeof LimitRangeItem>;

export const LimitRangeSpec = struct('LimitRangeSpec', {
  limits: req(1, list(LimitRangeItem), { listType: 'atomic' }),
});
export type LimitRangeSpec = Static<typeof LimitRangeSpec>;

export const LimitRange = struct('LimitRange', {
  ...TypeMeta.fields,
  metadata: req(1, ObjectMeta),
  spec: req(2, LimitRangeSpec),
});
export type LimitRange = Static<typeof LimitRange>;
