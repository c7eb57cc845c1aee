/** Secrets. */
import { bool, bytes, map, opt, ptr, req, type Static, str, struct } from '../schema.ts';
import { ObjectMeta, TypeMeta } from './meta.ts';

export const Secret = struct('Secret', {
  ...TypeMeta.fields,
  metadata: req(1, ObjectMeta),
  immutable: ptr(5, bool),
  data: opt(2, map(bytes)),
  stringData: opt(4, map(str)),
  type: opt(3, str),
});
export type Secret = Static<typeof Secret>;
