/** Templates of pods, wherever they are. */
import type { FieldError } from '../status.ts';
import type { PodTemplateSpec } from '../types/pod.ts';
import { validateAnnotations, validateLabels } from './labels.ts';
import { validatePodSpec } from './pod-spec.ts';

export function validatePodTemplate(field: string, { metadata, spec }: PodTemplateSpec): FieldError[] {
  return [
    ...validateLabels(`${field}.metadata.labels`, metadata.labels),
    ...validateAnnotations(`${field}.metadata.annotations`, metadata.annotations),
    ...validatePodSpec(`${field}.spec`, spec),
  ];
}
