/** Rules for resource quotas (kubernetes validation.go ValidateResourceQuota). */
import { sameValue } from '../../equal.ts';
import type { Stored } from '../../object.ts';
import { parseQuantity } from '../../quantity.ts';
import type { FieldError } from '../../status.ts';
import type { ResourceQuota, ResourceQuotaSpec, ResourceQuotaStatus } from '../../types/resource-quota.ts';
import { forbiddenField, immutable, invalidBecause, invalidValue, required } from '../../validation/errors.ts';
import { qualifiedNameProblems } from '../../validation/names.ts';

/** Objects that are counted: their plurals are names of resources. */
const counted = new Set([
  'pods',
  'services',
  'services.nodeports',
  'services.loadbalancers',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
]);
const measured = new Set([
  'cpu',
  'memory',
  'ephemeral-storage',
  'storage',
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
]);
const isStandard = (name: string) =>
  counted.has(name) || measured.has(name) || /^(requests\.)?hugepages-/.test(name) || name.startsWith('count/');

export function validateQuota({ hard = {}, scopes = [], scopeSelector }: ResourceQuotaSpec): FieldError[] {
  const selected = (scopeSelector?.matchExpressions ?? []).map(({ scopeName }) => scopeName);
  return [
    ...validateAmounts('spec.hard', hard),
    ...validateScopes('spec.scopes', scopes, hard),
    ...validateScopes('spec.scopeSelector.matchExpressions', selected, hard),
    ...validateScopeSelector('spec.scopeSelector.matchExpressions', scopeSelector?.matchExpressions),
  ];
}

export function validateQuotaStatus({ hard = {}, used = {} }: ResourceQuotaStatus): FieldError[] {
  return [...validateAmounts('status.hard', hard), ...validateAmounts('status.used', used)];
}

export function validateQuotaUpdate({ spec }: ResourceQuota, { spec: old }: Stored<ResourceQuota>): FieldError[] {
  const errors: FieldError[] = [];
  const [scopes, before] = [[...(spec.scopes ?? [])].sort(), [...(old.scopes ?? [])].sort()];
  if (!sameValue(scopes, before)) errors.push(immutable('spec.scopes', spec.scopes ?? []));
  if (!sameValue(spec.scopeSelector, old.scopeSelector)) {
    errors.push(immutable('spec.scopeSelector', spec.scopeSelector ?? null));
  }
  return errors;
}

function validateAmounts(field: string, amounts: Readonly<Record<string, string>>): FieldError[] {
  return Object.entries(amounts).flatMap(([name, amount]) => {
    const at = `${field}[${name}]`;
    const problems = qualifiedNameProblems(name);
    if (!problems.length && !isStandard(name) && !name.includes('/')) {
      problems.push('must be a standard resource type or fully qualified');
    }
    const errors = invalidBecause(at, name, problems);
    if (amount.startsWith('-')) errors.push(invalidValue(at, amount, 'must be greater than or equal to 0'));
    const whole = (parseQuantity(amount)?.nano ?? 0n) % 10n ** 9n === 0n;
    if (counted.has(name) && !whole) errors.push(invalidValue(at, amount, 'must be an integer'));
    return errors;
  });
}

const computeOnly = new Set(['Terminating', 'NotTerminating', 'NotBestEffort', 'PriorityClass']);

/** Only pods have scopes, and pods without requests have only their number. */
function validateScopes(field: string, scopes: readonly string[], hard: object): FieldError[] {
  const errors: FieldError[] = [];
  for (const scope of scopes) {
    const fits = (name: string) => name === 'pods' || (computeOnly.has(scope) && isOfPods(name));
    if (scope !== 'VolumeAttributesClass' && !Object.keys(hard).every(fits)) {
      errors.push(invalidValue(field, scopes, 'unsupported scope applied to resource'));
      break;
    }
  }
  for (const pair of [
    ['BestEffort', 'NotBestEffort'],
    ['Terminating', 'NotTerminating'],
  ]) {
    if (pair.every((scope) => scopes.includes(scope))) errors.push(invalidValue(field, scopes, 'conflicting scopes'));
  }
  return errors;
}

const isOfPods = (name: string) =>
  !counted.has(name) && !name.startsWith('count/') && name !== 'storage' && name !== 'requests.storage';

type Expressions = NonNullable<ResourceQuotaSpec['scopeSelector']>['matchExpressions'];

function validateScopeSelector(field: string, expressions: Expressions = []): FieldError[] {
  return expressions.flatMap(({ scopeName, operator, values = [] }, i) => {
    const at = `${field}[${i}]`;
    if (scopeName !== 'PriorityClass' && scopeName !== 'VolumeAttributesClass' && operator !== 'Exists') {
      const detail =
        "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
      return [invalidValue(`${at}.operator`, operator, detail)];
    }
    if (operator === 'In' || operator === 'NotIn') {
      const detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
      return values.length ? [] : [required(`${at}.values`, detail)];
    }
    const detail = "must be no value when `operator` is 'Exists' or 'DoesNotExist' for scope selector";
    return values.length ? [forbiddenField(`${at}.values`, detail)] : [];
  });
}
