/** Persistent volumes: pieces of storage that outlive the pods that use them. */
import { ageColumn, nameColumn, textColumn, wide } from '../columns.ts';
import { Description } from '../describe.ts';
import { eventsAbout } from '../describe-events.ts';
import { defineKind } from '../kind.ts';
import type { Stored } from '../object.ts';
import { PersistentVolumeSource, PersistentVolume as schema } from '../types/persistent-volume.ts';
import type { Volume } from '../types/volume.ts';
import { validateClosedValues } from '../validation/closed-values.ts';
import { volumeLines } from './pod/describe-volumes.ts';
import { formatAccessModes } from './storage/access-modes.ts';
import { validatePersistentVolume, validatePersistentVolumeUpdate } from './storage/validate-volume.ts';

export const PersistentVolume = defineKind<schema>({
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  singular: 'persistentvolume',
  shortNames: ['pv'],
  namespaced: false,
  schema,

  subresources: ['status'],
  deleteAnswersObject: true,

  defaults({ spec }) {
    spec.persistentVolumeReclaimPolicy ||= 'Retain';
    spec.volumeMode ??= 'Filesystem';
    if (spec.hostPath) spec.hostPath.type ??= '';
  },
  prepareForCreate(volume) {
    volume.status = { phase: 'Pending', lastPhaseTransitionTime: volume.metadata.creationTimestamp };
  },
  validate: (volume) => [...validateClosedValues(schema, volume), ...validatePersistentVolume(volume.spec)],
  validateUpdate: (volume, old, subresource) =>
    subresource === '' ? validatePersistentVolumeUpdate(volume, old) : validateClosedValues(schema, volume),

  columns: [
    nameColumn,
    textColumn('Capacity', 'How much it holds.', capacityOf),
    textColumn('Access Modes', 'How it may be mounted.', ({ spec }) => formatAccessModes(spec.accessModes)),
    textColumn('Reclaim Policy', 'What becomes of it when its claim is gone.', reclaimPolicyOf),
    textColumn('Status', 'Whether a claim may have it, or has it.', phaseOf),
    textColumn('Claim', 'The claim it is bound to.', claimOf),
    textColumn('StorageClass', 'The class it belongs to.', storageClassOf),
    textColumn('VolumeAttributesClass', 'The class of its attributes.', ({ spec }) => {
      return spec.volumeAttributesClassName || '<unset>';
    }),
    textColumn('Reason', 'Why it is in this state.', ({ status }) => status.reason ?? ''),
    ageColumn,
    wide(textColumn('VolumeMode', 'A file system or a raw device.', ({ spec }) => spec.volumeMode ?? '<unset>')),
  ],
  related: (volume) => ({ events: eventsAbout('PersistentVolume', volume) }),
  describe,

  example: {
    metadata: { name: 'disk-1' },
    spec: {
      capacity: { storage: '10Gi' },
      accessModes: ['ReadWriteOnce', 'ReadOnlyMany'],
      hostPath: { path: '/srv/disk-1' },
    },
  },
});
export type PersistentVolume = schema;

function capacityOf({ spec }: schema): string {
  return spec.capacity?.['storage'] ?? '';
}
function reclaimPolicyOf({ spec }: schema): string {
  return spec.persistentVolumeReclaimPolicy ?? '';
}
function phaseOf({ metadata, status }: schema): string {
  return metadata.deletionTimestamp ? 'Terminating' : (status.phase ?? '');
}
function claimOf({ spec: { claimRef } }: schema): string {
  return claimRef ? `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}` : '';
}
function storageClassOf({ spec }: schema): string {
  return spec.storageClassName ?? '';
}

function describe(volume: Stored<schema>): string {
  const { metadata, spec, status } = volume;
  const text = new Description().head(volume).labels(0, metadata.labels).annotations(0, metadata.annotations);
  text.values(0, 'Finalizers', metadata.finalizers ?? []);
  text.line(0, 'StorageClass:', storageClassOf(volume)).line(0, 'Status:', phaseOf(volume));
  text.line(0, 'Claim:', claimOf(volume)).line(0, 'Reclaim Policy:', reclaimPolicyOf(volume));
  text.line(0, 'Access Modes:', formatAccessModes(spec.accessModes)).line(0, 'VolumeMode:', spec.volumeMode ?? '');
  text
    .line(0, 'Capacity:', capacityOf(volume))
    .line(0, 'Message:', status.message ?? '')
    .line(0, 'Source:');
  for (const [key, value] of volumeLines(sourceOf(volume))) text.line(1, `${key}:`, value);
  return text.toString();
}

/** The source alone, which is inlined in the spec. Most sources are those of pods. */
function sourceOf({ spec }: schema): Partial<Volume> {
  return Object.fromEntries(Object.entries(spec).filter(([member]) => member in PersistentVolumeSource.fields));
}
