/** Evictions: the polite wish that a pod may go. */
import { opt, req, type Static, struct } from '../schema.ts';
import { DeleteOptions, ObjectMeta, TypeMeta } from './meta.ts';

export const Eviction = struct('Eviction', {
  ...TypeMeta.fields,
  metadata: req(1, ObjectMeta),
  deleteOptions: opt(2, DeleteOptions),
});
export type Eviction = Static<typeof Eviction>;
