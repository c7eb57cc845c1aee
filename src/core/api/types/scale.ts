/** The size of something that has replicas: what its `scale` subresource speaks. */
import { int32, opt, req, type Static, str, struct } from '../schema.ts';
import { ObjectMeta, TypeMeta } from './meta.ts';

export const ScaleSpec = struct('ScaleSpec', {
  replicas: opt(1, int32, { default: 0 }),
});
export type ScaleSpec = Static<typeof ScaleSpec>;

export const ScaleStatus = struct('ScaleStatus', {
  replicas: req(1, int32),
  selector: opt(2, str),
});
export type ScaleStatus = Static<typeof ScaleStatus>;

export const Scale = struct('Scale', {
  ...TypeMeta.fields,
  metadata: req(1, ObjectMeta),
  spec: req(2, ScaleSpec),
  status: req(3, ScaleStatus),
});
export type Scale = Static<typeof Scale>;
