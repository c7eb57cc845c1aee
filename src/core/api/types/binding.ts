/** Bindings: the scheduler's word on where a pod runs. */
import { req, type Static, struct } from '../schema.ts';
import { ObjectMeta, TypeMeta } from './meta.ts';
import { ObjectReference } from './reference.ts';

export const Binding = struct('Binding', {
  ...TypeMeta.fields,
  metadata: req(1, ObjectMeta),
  target: req(2, ObjectReference),
});
export type Binding = Static<typeof Binding>;
