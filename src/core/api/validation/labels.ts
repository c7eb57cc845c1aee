/** Labels and annotations, of objects and of templates. */
import type { FieldError } from '../status.ts';
import { invalidBecause, tooLong } from './errors.ts';
import { labelValueProblems, qualifiedNameProblems } from './names.ts';

/** Keys and values of all annotations together. */
const annotationBytesMax = 256 * 1024;

export function validateLabels(field: string, labels: Readonly<Record<string, string>> = {}): FieldError[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...invalidBecause(field, key, qualifiedNameProblems(key)),
    ...invalidBecause(`${field}[${key}]`, value, labelValueProblems(value)),
  ]);
}

export function validateAnnotations(field: string, annotations: Readonly<Record<string, string>> = {}): FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    errors.push(...invalidBecause(field, key, qualifiedNameProblems(key.toLowerCase())));
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes > annotationBytesMax) errors.push(tooLong(field, annotationBytesMax));
  return errors;
}
