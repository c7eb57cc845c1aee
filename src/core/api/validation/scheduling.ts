/** What a pod says about the nodes it may run on. */
import type { FieldError } from '../status.ts';
import type { Affinity, PodAffinityTerm, PodSpec, Toleration, TopologySpreadConstraint } from '../types/pod.ts';
import { duplicate, forbiddenField, invalidBecause, invalidValue, required } from './errors.ts';
import { validateLabelSelector, validateNodeSelectorTerm } from './label-selector.ts';
import { validateLabels } from './labels.ts';
import { dnsSubdomainProblems, qualifiedNameProblems } from './names.ts';

export function validateScheduling(field: string, spec: PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.nodeName)
    errors.push(...invalidBecause(`${field}.nodeName`, spec.nodeName, dnsSubdomainProblems(spec.nodeName)));
  if (spec.nodeName && spec.schedulingGates?.length) {
    errors.push(forbiddenField(`${field}.nodeName`, 'cannot be set until all schedulingGates have been cleared'));
  }
  return [
    ...errors,
    ...validateLabels(`${field}.nodeSelector`, spec.nodeSelector),
    ...validateTolerations(`${field}.tolerations`, spec.tolerations),
    ...validateAffinity(`${field}.affinity`, spec.affinity),
    ...validateSpread(`${field}.topologySpreadConstraints`, spec.topologySpreadConstraints),
  ];
}

function validateTolerations(field: string, tolerations: readonly Toleration[] = []): FieldError[] {
  return tolerations.flatMap(({ key, operator, value, effect, tolerationSeconds }, i) => {
    const at = `${field}[${i}]`;
    const errors = key ? invalidBecause(`${at}.key`, key, qualifiedNameProblems(key)) : [];
    if (!key && operator !== 'Exists') {
      errors.push(
        invalidValue(
          `${at}.operator`,
          operator ?? '',
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    }
    if (operator === 'Exists' && value) {
      errors.push(invalidValue(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"));
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      errors.push(
        invalidValue(`${at}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"),
      );
    }
    return errors;
  });
}

function validateAffinity(field: string, affinity: Affinity | undefined): FieldError[] {
  if (!affinity) return [];
  const errors: FieldError[] = [];
  const needed = 'requiredDuringSchedulingIgnoredDuringExecution';
  const wished = 'preferredDuringSchedulingIgnoredDuringExecution';
  const node = affinity.nodeAffinity;
  const terms = node?.[needed]?.nodeSelectorTerms;
  if (terms?.length === 0) {
    const at = `${field}.nodeAffinity.${needed}.nodeSelectorTerms`;
    errors.push(required(at, 'must have at least one node selector term'));
  }
  terms?.forEach((term, i) => {
    errors.push(...validateNodeSelectorTerm(`${field}.nodeAffinity.${needed}.nodeSelectorTerms[${i}]`, term));
  });
  node?.[wished]?.forEach(({ weight, preference }, i) => {
    const at = `${field}.nodeAffinity.${wished}[${i}]`;
    errors.push(...validateWeight(`${at}.weight`, weight), ...validateNodeSelectorTerm(`${at}.preference`, preference));
  });
  for (const member of ['podAffinity', 'podAntiAffinity'] as const) {
    affinity[member]?.[needed]?.forEach((term, i) => {
      errors.push(...validatePodTerm(`${field}.${member}.${needed}[${i}]`, term));
    });
    affinity[member]?.[wished]?.forEach(({ weight, podAffinityTerm }, i) => {
      const at = `${field}.${member}.${wished}[${i}]`;
      errors.push(
        ...validateWeight(`${at}.weight`, weight),
        ...validatePodTerm(`${at}.podAffinityTerm`, podAffinityTerm),
      );
    });
  }
  return errors;
}

function validateWeight(field: string, weight: number): FieldError[] {
  return weight >= 1 && weight <= 100 ? [] : [invalidValue(field, weight, 'must be in the range 1-100')];
}

function validatePodTerm(field: string, term: PodAffinityTerm): FieldError[] {
  const errors = validateLabelSelector(`${field}.labelSelector`, term.labelSelector);
  if (!term.topologyKey) errors.push(required(`${field}.topologyKey`, 'can not be empty'));
  else
    errors.push(...invalidBecause(`${field}.topologyKey`, term.topologyKey, qualifiedNameProblems(term.topologyKey)));
  return errors;
}

function validateSpread(field: string, constraints: readonly TopologySpreadConstraint[] = []): FieldError[] {
  const seen = new Set<string>();
  return constraints.flatMap(({ maxSkew, topologyKey, whenUnsatisfiable, labelSelector }, i) => {
    const at = `${field}[${i}]`;
    const errors = validateLabelSelector(`${at}.labelSelector`, labelSelector);
    if (maxSkew <= 0) errors.push(invalidValue(`${at}.maxSkew`, maxSkew, 'must be greater than zero'));
    if (!topologyKey) errors.push(required(`${at}.topologyKey`, 'can not be empty'));
    const pair = `{${topologyKey}, ${whenUnsatisfiable}}`;
    if (seen.has(pair)) errors.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, pair));
    seen.add(pair);
    return errors;
  });
}
