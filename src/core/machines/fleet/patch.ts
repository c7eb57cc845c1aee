/** PATCH /machines: JSON patches of machines' metadata. */
import { FleetError } from './answers.ts';

export interface MetadataChange {
  machineID: string;
  key: string;
  /** '' removes it. */
  value: string;
}

/** All are checked before the first is applied. */
export function readMetadataPatch(bytes: Buffer): MetadataChange[] {
  let operations: unknown;
  try {
    operations = JSON.parse(bytes.toString());
  } catch (e) {
    throw new FleetError(400, (e as Error).message);
  }
  if (!Array.isArray(operations)) throw new FleetError(400, 'the body must be a list of operations');
  return operations.map(changeOf);
}

function changeOf(operation: unknown): MetadataChange {
  const { op, path, value } = (operation ?? {}) as { op?: unknown; path?: unknown; value?: { value?: unknown } };
  if (op !== 'add' && op !== 'remove' && op !== 'replace')
    throw new FleetError(400, 'invalid op: expect add, remove, or replace');
  const [, machineID = '', key = ''] = /^\/([^/]+)\/metadata\/([A-Za-z0-9_.-]+)$/.exec(String(path)) ?? [];
  if (!key) throw new FleetError(400, 'machine metadata path invalid');
  if (op === 'remove') return { machineID, key, value: '' };
  // The documents show the plain text there; fleetd takes an object with it.
  const text = typeof value === 'object' && value !== null ? value.value : undefined;
  if (typeof text !== 'string' || text === '')
    throw new FleetError(400, 'invalid value: add and replace require a value');
  return { machineID, key, value: text };
}
