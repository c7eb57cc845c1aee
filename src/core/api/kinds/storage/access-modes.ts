/** How storage may be mounted: by one node or many. */
import type { FieldError } from '../../status.ts';
import type { PersistentVolumeClaimSpec } from '../../types/volume.ts';
import { forbiddenField, required } from '../../validation/errors.ts';

export type AccessModes = PersistentVolumeClaimSpec['accessModes'];

const short = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' };

/** `RWO,ROX`, each once, in this order whatever the object's. */
export function formatAccessModes(modes: AccessModes = []): string {
  return Object.entries(short)
    .filter(([mode]) => (modes as string[]).includes(mode))
    .map(([, text]) => text)
    .join(',');
}

export function validateAccessModes(field: string, modes: AccessModes = [], detail?: string): FieldError[] {
  if (!modes.length) return [required(field, detail)];
  if (modes.length === 1 || !modes.includes('ReadWriteOncePod')) return [];
  return [forbiddenField(field, 'may not use ReadWriteOncePod with other access modes')];
}
