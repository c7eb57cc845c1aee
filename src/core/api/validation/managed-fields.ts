/** Rules for metadata.managedFields and for the names in it (apimachinery meta/v1/validation). */
import { isObject } from '../decode-errors.ts';
import type { FieldError } from '../status.ts';
import type { ManagedFieldsEntry } from '../types/meta.ts';
import { invalidValue, tooLong } from './errors.ts';

const managerLengthMax = 128;

export function managerProblems(field: string, manager: string): FieldError[] {
  if (manager.length > managerLengthMax) return [tooLong(field, managerLengthMax)];
  const isPrintable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u.test(manager);
  return isPrintable ? [] : [invalidValue(field, manager, 'should only contain printable characters')];
}

export function validateManagedFields(field: string, entries: readonly ManagedFieldsEntry[]): FieldError[] {
  return entries.flatMap(({ manager = '', operation, fieldsType, fieldsV1 }, i) => {
    const at = `${field}[${i}]`;
    const errors = managerProblems(`${at}.manager`, manager);
    if (operation !== 'Apply' && operation !== 'Update') {
      errors.push(invalidValue(`${at}.operation`, operation ?? '', 'must be `Apply` or `Update`'));
    }
    if (fieldsType !== 'FieldsV1')
      errors.push(invalidValue(`${at}.fieldsType`, fieldsType ?? '', 'must be `FieldsV1`'));
    if (!isObject(fieldsV1)) errors.push(invalidValue(`${at}.fieldsV1`, fieldsV1, 'must be an object'));
    return errors;
  });
}
