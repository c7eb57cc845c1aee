/** The entries of `metadata.managedFields`: who they are about, and in which order and number they are kept. */
import type { Kind } from '../kind.ts';
import type { KubeObject } from '../object.ts';
import type { ManagedFieldsEntry } from '../types/meta.ts';
import { fieldsOf } from './difference.ts';
import { difference, type FieldSet, inOrder, isEmpty, noFields, union } from './fields.ts';
import { rootOf } from './places.ts';

/** Who writes, how, and when. */
export interface Writer {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string;
}

/** Components of this program write under this name when they give none. */
export const ownManager = 'kubecfg';

export const fieldsIn = ({ fieldsV1 }: ManagedFieldsEntry): FieldSet => (fieldsV1 ?? noFields) as FieldSet;

/** Whether an entry is the writer's. Whoever applies may change the version in which he does. */
export function isBy(entry: ManagedFieldsEntry, { manager, operation, apiVersion, subresource }: Writer): boolean {
  return (
    entry.manager === manager &&
    entry.operation === operation &&
    (entry.subresource ?? '') === subresource &&
    (operation === 'Apply' || entry.apiVersion === apiVersion)
  );
}

export function entryOf({ manager, operation, apiVersion, time, subresource }: Writer, fields: FieldSet) {
  const entry: ManagedFieldsEntry = { manager, operation, apiVersion, time, fieldsType: 'FieldsV1' };
  entry.fieldsV1 = inOrder(fields);
  if (subresource) entry.subresource = subresource;
  return entry;
}

/** The same entry with other fields; none when it has no field left. */
export function withFields(entry: ManagedFieldsEntry, fields: FieldSet): ManagedFieldsEntry[] {
  return isEmpty(fields) ? [] : [{ ...entry, fieldsV1: inOrder(fields) }];
}

/**
 * Who owns what is kept apart for the status and for everything else, as far as a kind's status has an endpoint of its
 * own: what is written through one of the two endpoints never touches the fields of the other.
 */
export type Domain = 'main' | 'status';
export const domainOf = (subresource: string | undefined): Domain => (subresource === 'status' ? 'status' : 'main');

/** Never owned: they name the object, or only the server sets them. */
const unowned = new Set([
  'name',
  'namespace',
  'uid',
  'selfLink',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
]);

/** The part of an object (or of what is applied to it) whose fields have owners. */
export function ownedPart(kind: Kind, object: object, domain: Domain): object {
  const { apiVersion: _, kind: __, metadata, status, ...part } = object as KubeObject & { status?: unknown };
  if (domain === 'status') return { status };
  const owned = Object.fromEntries(Object.entries(metadata ?? {}).filter(([name]) => !unowned.has(name)));
  return { metadata: owned, ...part, ...(kind.subresources.includes('status') ? {} : { status }) };
}

/** The fields that whoever applies `config` wants to own. */
export function fieldsOfConfig(kind: Kind, config: object, domain: Domain): FieldSet {
  const fields = fieldsOf(rootOf(kind.schema), ownedPart(kind, config, domain));
  return difference(fields, { 'f:metadata': noFields });
}

/** More managers than these are remembered as one, the longest ago first. */
const updatersMax = 10;
const ancient = 'ancient-changes';

/** In the order they are shown: who applies first, then by time and name. */
export function arranged(entries: readonly ManagedFieldsEntry[]): ManagedFieldsEntry[] {
  const ordered = [...entries].sort((a, b) => (rankOf(a) < rankOf(b) ? -1 : 1));
  const updates = ordered.filter(({ operation }) => operation === 'Update');
  const surplus = updates.length - updatersMax;
  if (surplus <= 0) return ordered;
  // One more makes room for the entry they are merged into.
  const old = updates.slice(0, surplus + 1);
  const kept = ordered.filter((entry) => !old.includes(entry));
  return [...kept, ...mergedByVersion(old)].sort((a, b) => (rankOf(a) < rankOf(b) ? -1 : 1));
}

const rankOf = ({ operation, time, manager }: ManagedFieldsEntry) => `${operation} ${time ?? ''} ${manager ?? ''}`;

function mergedByVersion(entries: readonly ManagedFieldsEntry[]): Iterable<ManagedFieldsEntry> {
  const merged = new Map<string, ManagedFieldsEntry>();
  for (const entry of entries) {
    const { apiVersion = '', subresource = '', time = '' } = entry;
    const version = `${apiVersion} ${subresource}`;
    const before = merged.get(version);
    const writer: Writer = { manager: ancient, operation: 'Update', apiVersion, subresource, time };
    merged.set(version, entryOf(writer, union(before ? fieldsIn(before) : noFields, fieldsIn(entry))));
  }
  return merged.values();
}
