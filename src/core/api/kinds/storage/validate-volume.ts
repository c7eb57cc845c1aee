/** Rules for persistent volumes (kubernetes validation.go ValidatePersistentVolume). */
import { sameValue } from '../../equal.ts';
import type { Stored } from '../../object.ts';
import { parseQuantity } from '../../quantity.ts';
import type { FieldError } from '../../status.ts';
import {
  type PersistentVolume,
  PersistentVolumeSource,
  type PersistentVolumeSpec,
} from '../../types/persistent-volume.ts';
import {
  forbiddenField,
  immutable,
  invalidBecause,
  invalidValue,
  notSupported,
  required,
} from '../../validation/errors.ts';
import { validateNodeSelectorTerm } from '../../validation/label-selector.ts';
import { dnsSubdomainProblems } from '../../validation/names.ts';
import { validateHostPath, validateNfs } from '../../validation/volumes.ts';
import { validateAccessModes } from './access-modes.ts';

export function validatePersistentVolume(spec: PersistentVolumeSpec): FieldError[] {
  const { storageClassName = '', nodeAffinity, local } = spec;
  const errors = [
    ...validateAccessModes('spec.accessModes', spec.accessModes),
    ...validateCapacity(spec.capacity),
    ...validateSource(spec),
    ...(storageClassName
      ? invalidBecause('spec.storageClassName', storageClassName, dnsSubdomainProblems(storageClassName))
      : []),
  ];
  if (local && !nodeAffinity) errors.push(required('spec.nodeAffinity', 'Local volume requires node affinity'));
  if (nodeAffinity && !nodeAffinity.required) {
    errors.push(required('spec.nodeAffinity.required', 'must specify required node constraints'));
  }
  for (const [i, term] of (nodeAffinity?.required?.nodeSelectorTerms ?? []).entries()) {
    errors.push(...validateNodeSelectorTerm(`spec.nodeAffinity.required.nodeSelectorTerms[${i}]`, term));
  }
  return errors;
}

function validateCapacity(capacity: Readonly<Record<string, string>> = {}): FieldError[] {
  const names = Object.keys(capacity);
  if (!names.length) return [required('spec.capacity')];
  if (names.length > 1 || names[0] !== 'storage') return [notSupported('spec.capacity', capacity, ['storage'])];
  return validatePositive('spec.capacity[storage]', capacity['storage']!);
}

export function validatePositive(field: string, amount: string): FieldError[] {
  const positive = (parseQuantity(amount)?.nano ?? 0n) > 0n;
  return positive ? [] : [invalidValue(field, amount, 'must be greater than zero')];
}

function validateSource(spec: PersistentVolumeSpec): FieldError[] {
  const given = sourcesOf(spec);
  const errors = given
    .slice(1)
    .map((name) => forbiddenField(`spec.${name}`, 'may not specify more than 1 volume type'));
  if (!given.length) errors.push(required('spec', 'must specify a volume type'));
  const { hostPath, nfs, local, persistentVolumeReclaimPolicy } = spec;
  if (hostPath) errors.push(...validateHostPath('spec.hostPath.path', hostPath.path));
  if (hostPath?.path.replace(/\/+$/, '') === '' && persistentVolumeReclaimPolicy === 'Recycle') {
    const detail = "may not be 'recycle' for a hostPath mount of '/'";
    errors.push(forbiddenField('spec.persistentVolumeReclaimPolicy', detail));
  }
  if (nfs) errors.push(...validateNfs('spec.nfs', nfs));
  if (local) errors.push(...validateHostPath('spec.local.path', local.path));
  return errors;
}

const sourceNames = Object.keys(PersistentVolumeSource.fields) as (keyof PersistentVolumeSource)[];
const sourcesOf = (spec: PersistentVolumeSpec) => sourceNames.filter((name) => spec[name] !== undefined);

export function validatePersistentVolumeUpdate({ spec }: PersistentVolume, { spec: old }: Stored<PersistentVolume>) {
  const errors: FieldError[] = [];
  if (sourceNames.some((name) => !sameValue(spec[name], old[name]))) {
    const detail = 'spec.persistentvolumesource is immutable after creation';
    errors.push(forbiddenField('spec.persistentvolumesource', detail));
  }
  if (spec.volumeMode !== old.volumeMode) errors.push(immutable('spec.volumeMode', spec.volumeMode));
  if (old.nodeAffinity && !sameValue(spec.nodeAffinity, old.nodeAffinity)) {
    errors.push(immutable('spec.nodeAffinity', spec.nodeAffinity));
  }
  return errors;
}
