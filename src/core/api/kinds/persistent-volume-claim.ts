/** Persistent volume claims: the wish for storage, which a persistent volume fulfils. */
import { ageColumn, nameColumn, textColumn, wide } from '../columns.ts';
import { Description } from '../describe.ts';
import { eventsAbout } from '../describe-events.ts';
import { sameValue } from '../equal.ts';
import { defineKind, type Related } from '../kind.ts';
import type { Stored } from '../object.ts';
import { compareQuantities } from '../quantity.ts';
import type { FieldError } from '../status.ts';
import { PersistentVolumeClaim as schema } from '../types/persistent-volume-claim.ts';
import type { Pod } from '../types/pod.ts';
import type { PersistentVolumeClaimSpec } from '../types/volume.ts';
import { validateClosedValues } from '../validation/closed-values.ts';
import { forbiddenField, invalidBecause, required } from '../validation/errors.ts';
import { validateLabelSelector } from '../validation/label-selector.ts';
import { dnsSubdomainProblems } from '../validation/names.ts';
import { formatAccessModes, validateAccessModes } from './storage/access-modes.ts';
import { validatePositive } from './storage/validate-volume.ts';

export const PersistentVolumeClaim = defineKind<schema>({
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  singular: 'persistentvolumeclaim',
  shortNames: ['pvc'],
  namespaced: true,
  schema,

  subresources: ['status'],
  deleteAnswersObject: true,

  defaults({ spec }) {
    spec.volumeMode ??= 'Filesystem';
  },
  prepareForCreate(claim) {
    claim.status = { phase: 'Pending' };
  },
  validate: (claim) => [...validateClosedValues(schema, claim), ...validateSpec(claim.spec)],
  validateUpdate: (claim, old, subresource) =>
    subresource === '' ? validateUpdate(claim, old) : validateClosedValues(schema, claim),

  columns: [
    nameColumn,
    textColumn('Status', 'Whether a volume was found.', phaseOf),
    textColumn('Volume', 'The volume it has.', ({ spec }) => spec.volumeName ?? ''),
    textColumn('Capacity', 'How much the volume holds.', capacityOf),
    textColumn('Access Modes', 'How the volume may be mounted.', modesOf),
    textColumn('StorageClass', 'The class it asks for.', ({ spec }) => spec.storageClassName ?? ''),
    textColumn('VolumeAttributesClass', 'The class of attributes it asks for.', ({ spec }) => {
      return spec.volumeAttributesClassName || '<unset>';
    }),
    ageColumn,
    wide(textColumn('VolumeMode', 'A file system or a raw device.', ({ spec }) => spec.volumeMode ?? '<unset>')),
  ],
  related: (claim) => ({ pods: { plural: 'pods' }, events: eventsAbout('PersistentVolumeClaim', claim) }),
  describe,

  example: {
    metadata: { name: 'data', namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '5Gi' } } },
  },
});
export type PersistentVolumeClaim = schema;

function phaseOf({ metadata, status }: schema): string {
  return metadata.deletionTimestamp ? 'Terminating' : (status.phase ?? '');
}
/** Those of the volume, once there is one. */
function capacityOf({ spec, status }: schema): string {
  return spec.volumeName ? (status.capacity?.['storage'] ?? '') : '';
}
function modesOf({ spec, status }: schema): string {
  return spec.volumeName ? formatAccessModes(status.accessModes) : '';
}

function validateSpec(spec: PersistentVolumeClaimSpec): FieldError[] {
  const { storageClassName = '', resources } = spec;
  const storage = resources.requests?.['storage'];
  const field = 'spec.resources[storage]';
  return [
    ...validateLabelSelector('spec.selector', spec.selector),
    ...validateAccessModes('spec.accessModes', spec.accessModes, 'at least 1 access mode is required'),
    ...(storage === undefined ? [required(field)] : validatePositive(field, storage)),
    ...(storageClassName
      ? invalidBecause('spec.storageClassName', storageClassName, dnsSubdomainProblems(storageClassName))
      : []),
  ];
}

const onlyThese =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

/** The volume is named once; a bound claim may ask for more, never for less. */
function validateUpdate({ spec }: schema, { spec: old, status }: Stored<schema>): FieldError[] {
  const bound = status.phase === 'Bound';
  const allowed: PersistentVolumeClaimSpec = { ...spec };
  if (!old.volumeName) allowed.volumeName = old.volumeName;
  if (bound) {
    allowed.resources = { ...spec.resources, requests: old.resources.requests };
    allowed.volumeAttributesClassName = old.volumeAttributesClassName;
  }
  const errors = sameValue(allowed, old) ? [] : [forbiddenField('spec', onlyThese)];
  const [size, was] = [spec.resources.requests?.['storage'], old.resources.requests?.['storage']];
  if (bound && size !== undefined && was !== undefined && compareQuantities(size, was) < 0) {
    errors.push(forbiddenField('spec.resources.requests.storage', 'field can not be less than previous value'));
  }
  return errors;
}

function describe(claim: Stored<schema>, related: Related): string {
  const { metadata, spec } = claim;
  const text = new Description().head(claim).line(0, 'StorageClass:', spec.storageClassName ?? '');
  text.line(0, 'Status:', phaseOf(claim)).line(0, 'Volume:', spec.volumeName ?? '');
  text.labels(0, metadata.labels).annotations(0, metadata.annotations);
  text.values(0, 'Finalizers', metadata.finalizers ?? []).line(0, 'Capacity:', capacityOf(claim));
  text.line(0, 'Access Modes:', modesOf(claim)).line(0, 'VolumeMode:', spec.volumeMode ?? '');
  const users = ((related['pods'] ?? []) as readonly Stored<Pod>[]).filter((pod) => uses(pod, metadata.name));
  text.values(
    0,
    'Used By',
    users.map((pod) => pod.metadata.name),
  );
  return text.toString();
}

const uses = (pod: Stored<Pod>, claim: string) =>
  (pod.spec.volumes ?? []).some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === claim);
