/** Keys and sizes of secrets and config maps. */
import type { FieldError } from '../status.ts';
import { invalidBecause, tooLong } from './errors.ts';
import { fileKeyProblems } from './names.ts';

/** All values of an object together. */
const bytesMax = 1024 * 1024;

/** Each key becomes the name of a file or of an environment variable. */
export function validateKeys(field: string, data: object): FieldError[] {
  return Object.keys(data).flatMap((key) => invalidBecause(`${field}[${key}]`, key, fileKeyProblems(key)));
}

export function validateSize(field: string, bytes: number): FieldError[] {
  return bytes > bytesMax ? [tooLong(field, bytesMax)] : [];
}
