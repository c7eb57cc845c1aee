/** One FieldError per wrong field, by the names apimachinery's field package gives its constructors. */
import type { FieldError } from '../status.ts';

export const required = (field: string, detail?: string): FieldError => ({
  reason: 'FieldValueRequired',
  field,
  ...(detail ? { detail } : {}),
});
export const invalidValue = (field: string, value: unknown, detail: string): FieldError => ({
  reason: 'FieldValueInvalid',
  field,
  value,
  detail,
});
export const duplicate = (field: string, value: unknown): FieldError => ({
  reason: 'FieldValueDuplicate',
  field,
  value,
});
export const notFoundValue = (field: string, value: unknown): FieldError => ({
  reason: 'FieldValueNotFound',
  field,
  value,
});
export const forbiddenField = (field: string, detail: string): FieldError => ({
  reason: 'FieldValueForbidden',
  field,
  detail,
});
export const tooLong = (field: string, bytesMax: number): FieldError => ({
  reason: 'FieldValueTooLong',
  field,
  detail: `may not be more than ${bytesMax} bytes`,
});
export const notSupported = (field: string, value: unknown, supported: readonly string[]): FieldError => ({
  reason: 'FieldValueNotSupported',
  field,
  value,
  detail: `supported values: ${supported.map((s) => JSON.stringify(s)).join(', ')}`,
});

export const immutable = (field: string, value: unknown): FieldError =>
  invalidValue(field, value, 'field is immutable');

/** An error when `value` is a number below zero. */
export function nonNegative(field: string, value: number | undefined): FieldError[] {
  return value !== undefined && value < 0 ? [invalidValue(field, value, 'must be greater than or equal to 0')] : [];
}

/** Every sentence of `problems` as an Invalid value of the field. */
export const invalidBecause = (field: string, value: unknown, problems: readonly string[]): FieldError[] =>
  problems.map((detail) => invalidValue(field, value, detail));
