/** Pod templates: a pod to be, kept under a name. */
import { req, type Static, struct } from '../schema.ts';
import { ObjectMeta, TypeMeta } from './meta.ts';
import { PodTemplateSpec } from './pod.ts';

export const PodTemplate = struct('PodTemplate', {
  ...TypeMeta.fields,
  metadata: req(1, ObjectMeta),
  template: req(2, PodTemplateSpec),
});
export type PodTemplate = Static<typeof PodTemplate>;
