/** LabelSelector objects and node selector terms. */
import type { FieldError } from '../status.ts';
import type { LabelSelector } from '../types/meta.ts';
import type { NodeSelectorTerm } from '../types/pod.ts';
import { forbiddenField, invalidBecause, required } from './errors.ts';
import { validateLabels } from './labels.ts';
import { labelValueProblems, qualifiedNameProblems } from './names.ts';

export function validateLabelSelector(field: string, selector: LabelSelector | undefined): FieldError[] {
  if (!selector) return [];
  return [
    ...validateLabels(`${field}.matchLabels`, selector.matchLabels),
    ...validateRequirements(`${field}.matchExpressions`, selector.matchExpressions),
  ];
}

export function validateNodeSelectorTerm(field: string, term: NodeSelectorTerm): FieldError[] {
  return validateRequirements(`${field}.matchExpressions`, term.matchExpressions);
}

interface Requirement {
  key: string;
  operator: string;
  values?: string[] | undefined;
}

function validateRequirements(field: string, requirements: readonly Requirement[] = []): FieldError[] {
  return requirements.flatMap(({ key, operator, values = [] }, i) => [
    ...invalidBecause(`${field}[${i}].key`, key, qualifiedNameProblems(key)),
    ...validateValues(`${field}[${i}].values`, operator, values),
  ]);
}

function validateValues(field: string, operator: string, values: readonly string[]): FieldError[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (!values.length) return [required(field, "must be specified when `operator` is 'In' or 'NotIn'")];
      return values.flatMap((value, i) => invalidBecause(`${field}[${i}]`, value, labelValueProblems(value)));
    case 'Exists':
    case 'DoesNotExist':
      if (!values.length) return [];
      return [forbiddenField(field, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    case 'Gt':
    case 'Lt':
      if (values.length === 1) return [];
      return [required(field, "must be specified single value when `operator` is 'Lt' or 'Gt'")];
  }
  return [];
}
