/** Environment of containers. */
import type { FieldError } from '../status.ts';
import type { EnvFromSource, EnvVar, EnvVarSource } from '../types/container.ts';
import { invalidBecause, invalidValue, notSupported, required } from './errors.ts';
import { fileKeyProblems } from './names.ts';

export function validateEnv(field: string, env: readonly EnvVar[] = []): FieldError[] {
  return env.flatMap(({ name, value, valueFrom }, i) => {
    const at = `${field}[${i}]`;
    const errors = name ? invalidBecause(`${at}.name`, name, nameProblems(name)) : [required(`${at}.name`)];
    if (valueFrom) {
      if (value) errors.push(invalidValue(`${at}.valueFrom`, '', 'may not be specified when `value` is not empty'));
      errors.push(...validateSource(`${at}.valueFrom`, valueFrom));
    }
    return errors;
  });
}

export function validateEnvFrom(field: string, sources: readonly EnvFromSource[] = []): FieldError[] {
  return sources.flatMap(({ prefix, configMapRef, secretRef }, i) => {
    const at = `${field}[${i}]`;
    const errors = prefix ? invalidBecause(`${at}.prefix`, prefix, nameProblems(prefix)) : [];
    if (configMapRef && secretRef) {
      errors.push(invalidValue(at, '', 'may not have more than one field specified at a time'));
    } else if (!configMapRef && !secretRef) {
      errors.push(invalidValue(at, '', 'must specify one of: `configMapRef` or `secretRef`'));
    }
    for (const [member, source] of Object.entries({ configMapRef, secretRef })) {
      if (source && !source.name) errors.push(required(`${at}.${member}.name`));
    }
    return errors;
  });
}

function nameProblems(name: string): string[] {
  if (/^[ -<>-~]+$/.test(name)) return [];
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** What a container can learn of its pod (kubernetes validation.go validEnvDownwardAPIFieldPathExpressions). */
const fieldPaths = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
const keyedFieldPath = /^metadata\.(labels|annotations)\['[^']+'\]$/;

function validateSource(field: string, source: EnvVarSource): FieldError[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source;
  const count = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(Boolean).length;
  const errors: FieldError[] = [];
  if (count === 0) {
    const detail = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`';
    errors.push(invalidValue(field, '', detail));
  }
  if (count > 1) errors.push(invalidValue(field, '', 'may not have more than one field specified at a time'));
  if (fieldRef) {
    const { fieldPath } = fieldRef;
    if (!fieldPath) errors.push(required(`${field}.fieldRef.fieldPath`));
    else if (!fieldPaths.includes(fieldPath) && !keyedFieldPath.test(fieldPath)) {
      errors.push(notSupported(`${field}.fieldRef.fieldPath`, fieldPath, fieldPaths));
    }
  }
  if (resourceFieldRef && !resourceFieldRef.resource) errors.push(required(`${field}.resourceFieldRef.resource`));
  for (const [member, ref] of Object.entries({ configMapKeyRef, secretKeyRef })) {
    if (!ref) continue;
    if (!ref.name) errors.push(required(`${field}.${member}.name`));
    if (!ref.key) errors.push(required(`${field}.${member}.key`));
    else errors.push(...invalidBecause(`${field}.${member}.key`, ref.key, fileKeyProblems(ref.key)));
  }
  return errors;
}
