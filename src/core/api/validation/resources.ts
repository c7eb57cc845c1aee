/** Requests and limits of containers. */
import { compareQuantities } from '../quantity.ts';
import { getOwn } from '../scalars.ts';
import type { FieldError } from '../status.ts';
import type { ResourceRequirements } from '../types/container.ts';
import { invalidBecause, invalidValue, required } from './errors.ts';
import { qualifiedNameProblems } from './names.ts';

const standard = new Set(['cpu', 'memory', 'ephemeral-storage']);
const isStandard = (name: string) => standard.has(name) || name.startsWith('hugepages-');

export function validateResources(field: string, { limits = {}, requests = {} }: ResourceRequirements): FieldError[] {
  const errors = [...validateAmounts(`${field}.limits`, limits), ...validateAmounts(`${field}.requests`, requests)];
  for (const [name, request] of Object.entries(requests)) {
    const limit = getOwn(limits, name);
    const overcommits = standard.has(name);
    if (limit === undefined) {
      // Only what can be shared may be asked for without a limit.
      if (!overcommits) errors.push(required(`${field}.limits`, 'Limit must be set for non overcommitable resources'));
      continue;
    }
    const order = compareQuantities(request, limit);
    if (overcommits ? order > 0 : order !== 0) {
      const detail = `must be ${overcommits ? 'less than or equal' : 'equal'} to ${name} limit of ${limit}`;
      errors.push(invalidValue(`${field}.requests`, request, detail));
    }
  }
  return errors;
}

/** Names a container can ask for, and amounts from zero up. */
function validateAmounts(field: string, amounts: Readonly<Record<string, string>>): FieldError[] {
  return Object.entries(amounts).flatMap(([name, amount]) => {
    const at = `${field}[${name}]`;
    const problems = resourceNameProblems(name);
    if (!problems.length && !isStandard(name) && !/^\d+$/.test(amount)) {
      return [invalidValue(at, amount, 'must be an integer')];
    }
    const errors = invalidBecause(at, name, problems);
    if (amount.startsWith('-')) errors.push(invalidValue(at, amount, 'must be greater than or equal to 0'));
    return errors;
  });
}

/** Resources of containers: the standard ones, and `domain/name` of others. */
export function resourceNameProblems(name: string): string[] {
  if (isStandard(name)) return [];
  const problems = qualifiedNameProblems(name);
  if (!problems.length && !name.includes('/')) problems.push('must be a standard resource for containers');
  return problems;
}
