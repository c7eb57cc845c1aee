/** Two managers want different values: 409, with each field named (apiserver fieldmanager, NewConflictError). */
import { ApiError } from '../status.ts';
import type { ManagedFieldsEntry } from '../types/meta.ts';
import { type FieldSet, pathsOf } from './fields.ts';

export interface Conflict {
  readonly entry: ManagedFieldsEntry;
  readonly fields: FieldSet;
}

export function applyConflict(conflicts: readonly Conflict[]): ApiError {
  const found = conflicts.map(({ entry, fields }) => ({ manager: shown(entry), paths: pathsOf(fields) }));
  const causes = found.flatMap(({ manager, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${manager}`, field })),
  );
  return new ApiError('Conflict', messageOf(found, causes.length), { causes });
}

function messageOf(found: readonly { manager: string; paths: string[] }[], count: number): string {
  const [first] = found;
  if (first && count === 1) return `Apply failed with 1 conflict: conflict with ${first.manager}: ${first.paths[0]}`;
  const lines = [...found]
    .sort((a, b) => (a.manager < b.manager ? -1 : 1))
    .flatMap(({ manager, paths }) => [`conflicts with ${manager}:`, ...paths.map((path) => `- ${path}`)]);
  return `Apply failed with ${count} conflicts: ${lines.join('\n')}`;
}

/** `"kubectl-edit" using v1`; who applies is known by the name alone. */
function shown({ manager, operation, apiVersion, subresource }: ManagedFieldsEntry): string {
  const name = JSON.stringify(manager ?? '') + (subresource ? ` with subresource ${JSON.stringify(subresource)}` : '');
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}
