/** Rules for metadata, the same for every kind (apimachinery api/validation/objectmeta.go). */
import { nameSuffix, type Random } from '../async/random.ts';
import type { Kind } from './kind.ts';
import type { KubeObject, Stored } from './object.ts';
import type { FieldError } from './status.ts';
import type { ObjectMeta, OwnerReference } from './types/meta.ts';
import { forbiddenField, immutable, invalidBecause, invalidValue, nonNegative, required } from './validation/errors.ts';
import { validateAnnotations, validateLabels } from './validation/labels.ts';
import { validateManagedFields } from './validation/managed-fields.ts';
import { dnsLabelProblems, dnsSubdomainProblems, qualifiedNameProblems } from './validation/names.ts';

const nameProblems = { subdomain: dnsSubdomainProblems, label: dnsLabelProblems };

type NameRules = Pick<Kind, 'nameForm' | 'namespaced'>;

/** What is wrong with the metadata of an object that is to be stored. */
export function validateMetadata(kind: NameRules, meta: ObjectMeta): FieldError[] {
  return [
    ...validateName(kind, meta),
    ...validateNamespace(kind, meta),
    ...nonNegative('metadata.generation', meta.generation),
    ...validateLabels('metadata.labels', meta.labels),
    ...validateAnnotations('metadata.annotations', meta.annotations),
    ...validateOwnerReferences(meta.ownerReferences ?? []),
    ...validateFinalizers(meta.finalizers ?? []),
    ...validateManagedFields('metadata.managedFields', meta.managedFields ?? []),
  ];
}

/** What an update of metadata may not change. Server-set members count when the request gives them. */
export function validateMetadataUpdate(meta: ObjectMeta, old: Stored<KubeObject>['metadata']): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp'] as const) {
    const value = meta[field];
    if (value && value !== old[field]) errors.push(immutable(`metadata.${field}`, value));
  }
  const added = (meta.finalizers ?? []).filter((finalizer) => !old.finalizers?.includes(finalizer));
  if (old.deletionTimestamp && added.length) {
    const found = added.map((finalizer) => JSON.stringify(finalizer)).join(', ');
    const detail = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${found}}`;
    errors.push(forbiddenField('metadata.finalizers', detail));
  }
  return errors;
}

function validateName(kind: NameRules, { name, generateName }: ObjectMeta): FieldError[] {
  const problems = nameProblems[kind.nameForm];
  const errors: FieldError[] = [];
  // What follows the prefix is lower case, so a dash at its end is fine.
  if (generateName) {
    const completed = generateName.replace(/(?<=.)-$/, 'a');
    errors.push(...invalidBecause('metadata.generateName', generateName, problems(completed)));
  }
  if (name) errors.push(...invalidBecause('metadata.name', name, problems(name)));
  else if (!generateName) errors.push(required('metadata.name', 'name or generateName is required'));
  return errors;
}

function validateNamespace(kind: NameRules, { namespace }: ObjectMeta): FieldError[] {
  if (!kind.namespaced) return namespace ? [forbiddenField('metadata.namespace', 'not allowed on this type')] : [];
  if (!namespace) return [required('metadata.namespace')];
  return invalidBecause('metadata.namespace', namespace, dnsLabelProblems(namespace));
}

function validateOwnerReferences(owners: readonly OwnerReference[]): FieldError[] {
  const field = 'metadata.ownerReferences';
  const errors = owners.flatMap((owner, i) => {
    const empty = (['apiVersion', 'kind', 'name', 'uid'] as const).filter((member) => !owner[member]);
    const own = empty.map((member) => invalidValue(`${field}[${i}].${member}`, '', 'must not be empty'));
    if (owner.kind === 'Event' && owner.apiVersion === 'v1') {
      own.push(invalidValue(`${field}[${i}]`, owner, '/v1, Kind=Event is disallowed from being an owner'));
    }
    return own;
  });
  const [first, second] = owners.filter((owner) => owner.controller);
  if (first && second) {
    const detail = `Only one reference can have Controller set to true. Found "true" in references for ${first.name} and ${second.name}`;
    errors.push(invalidValue(field, owners, detail));
  }
  return errors;
}

/** The garbage collector's own two, which need no domain; `kubernetes` stands in the spec of namespaces only. */
const standardFinalizers = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);

function validateFinalizers(finalizers: readonly string[]): FieldError[] {
  const field = 'metadata.finalizers';
  const errors = finalizers.flatMap((name) => {
    const problems = qualifiedNameProblems(name);
    if (!problems.length && !name.includes('/') && !standardFinalizers.has(name)) {
      problems.push('name is neither a standard finalizer name nor is it fully qualified');
    }
    return invalidBecause(field, name, problems);
  });
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalidValue(field, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  return errors;
}

/** A name in a label's 63 characters: the prefix, cut where it must be, and five random ones. */
export function generateName(prefix: string, random: Random): string {
  return prefix.slice(0, 63 - 5) + nameSuffix(random);
}
