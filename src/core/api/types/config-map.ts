/** Config maps. */
import { bool, bytes, map, opt, ptr, req, type Static, str, struct } from '../schema.ts';
import { ObjectMeta, TypeMeta } from './meta.ts';

export const ConfigMap = struct('ConfigMap', {
  ...TypeMeta.fields,
  metadata: req(1, ObjectMeta),
  immutable: ptr(4, bool),
  data: opt(2, map(str)),
  binaryData: opt(3, map(bytes)),
});
export type ConfigMap = Static<typeof ConfigMap>;
