/** Rules for limit ranges (kubernetes validation.go ValidateLimitRange). */
import { compareQuantities } from '../../quantity.ts';
import { getOwn } from '../../scalars.ts';
import type { FieldError } from '../../status.ts';
import type { LimitRangeItem } from '../../types/limit-range.ts';
import { duplicate, forbiddenField, invalidBecause, invalidValue, required } from '../../validation/errors.ts';
import { qualifiedNameProblems } from '../../validation/names.ts';
import { resourceNameProblems } from '../../validation/resources.ts';

const standardTypes = new Set(['Pod', 'Container', 'PersistentVolumeClaim']);
const amounts = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;

export function validateLimits(field: string, items: readonly LimitRangeItem[]): FieldError[] {
  const seen = new Set<string>();
  return items.flatMap((item, i) => {
    const at = `${field}[${i}]`;
    const errors = validateType(`${at}.type`, item.type);
    if (seen.has(item.type)) errors.push(duplicate(`${at}.type`, item.type));
    seen.add(item.type);
    return [...errors, ...validateNames(at, item), ...validateMembers(at, item), ...validateOrder(at, item)];
  });
}

function validateType(field: string, type: string): FieldError[] {
  if (!type) return [required(field)];
  const problems = qualifiedNameProblems(type);
  if (!problems.length && !type.includes('/') && !standardTypes.has(type)) {
    problems.push('must be a standard limit type or fully qualified');
  }
  return invalidBecause(field, type, problems);
}

function validateNames(field: string, item: LimitRangeItem): FieldError[] {
  return amounts.flatMap((member) =>
    Object.keys(item[member] ?? {}).flatMap((name) => {
      const problems = item.type === 'PersistentVolumeClaim' ? storageProblems(name) : resourceNameProblems(name);
      return invalidBecause(`${field}.${member}[${name}]`, name, problems);
    }),
  );
}

const storageProblems = (name: string) => (name === 'storage' ? [] : ['must be storage for claims']);

/** What a type has no use for, or cannot do without. */
function validateMembers(field: string, item: LimitRangeItem): FieldError[] {
  const { type, min = {}, max = {} } = item;
  if (type === 'Pod') {
    const misplaced = (['default', 'defaultRequest'] as const).filter((member) => item[member]);
    return misplaced.map((member) => forbiddenField(`${field}.${member}`, "may not be specified when `type` is 'Pod'"));
  }
  if (type === 'PersistentVolumeClaim' && !min['storage'] && !max['storage']) {
    return [required(field, 'either minimum or maximum storage value is required, but neither was provided')];
  }
  return [];
}

/** min ≤ default request ≤ default ≤ max, for each resource. */
function validateOrder(field: string, item: LimitRangeItem): FieldError[] {
  const { min = {}, max = {}, default: limits = {}, defaultRequest = {}, maxLimitRequestRatio: ratios = {} } = item;
  const errors: FieldError[] = [];
  const order = (member: string, name: string, shown: string, low: Amount, high: Amount) => {
    if (low.value === undefined || high.value === undefined || compareQuantities(low.value, high.value) <= 0) return;
    const detail = `${low.what} value ${low.value} is greater than ${high.what} value ${high.value}`;
    errors.push(invalidValue(`${field}.${member}[${name}]`, shown, detail));
  };
  for (const name of new Set(amounts.flatMap((member) => Object.keys(item[member] ?? {})))) {
    const [least, most] = [amount('min', getOwn(min, name)), amount('max', getOwn(max, name))];
    const [limit, request] = [getOwn(limits, name), getOwn(defaultRequest, name)];
    order('min', name, least.value ?? '', least, most);
    order('defaultRequest', name, request ?? '', least, amount('default request', request));
    order('defaultRequest', name, request ?? '', amount('default request', request), most);
    order('defaultRequest', name, request ?? '', amount('default request', request), amount('default limit', limit));
    order('default', name, limit ?? '', least, amount('default', limit));
    order('default', name, limit ?? '', amount('default', limit), most);
    const ratio = getOwn(ratios, name);
    if (ratio !== undefined && compareQuantities(ratio, '1') < 0) {
      errors.push(invalidValue(`${field}.maxLimitRequestRatio[${name}]`, ratio, `ratio ${ratio} is less than 1`));
    }
  }
  return errors;
}

interface Amount {
  readonly what: string;
  readonly value: string | undefined;
}
const amount = (what: string, value: string | undefined): Amount => ({ what, value });
