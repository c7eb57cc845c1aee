/** What happened to one object: the answer of /kubecfg/history, and what people want to know of it. */
import { differenceOf } from './apply/difference.ts';
import { fieldsIn, ownManager } from './apply/entries.ts';
import { difference, isEmpty, pathsOf } from './apply/fields.ts';
import { rootOf } from './apply/places.ts';
import type { Kind } from './kind.ts';
import type { Stored } from './object.ts';
import type { ManagedFieldsEntry } from './types/meta.ts';

export interface ObjectHistory {
  /** Where history begins: what was before this revision is forgotten. */
  readonly from: number;
  /** How far it goes. */
  readonly revision: number;
  /** The object as history begins; null when there was none. */
  readonly before: Stored | null;
  readonly changes: readonly ObjectChange[];
}

export interface ObjectChange {
  readonly revision: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** RFC 3339, where the server has seen it happen. */
  readonly time?: string | undefined;
  /** As it was then, a deleted one as it was last. */
  readonly object: Stored;
}

export interface Step {
  readonly revision: number;
  readonly time: string | undefined;
  readonly change: 'created' | 'changed' | 'deleted';
  /** The managers that wrote, as far as the object says. */
  readonly by: string[];
  /** Paths of the fields that differ from the step before. */
  readonly fields: string[];
}

export function stepsOf(kind: Kind, { before, changes }: ObjectHistory): Step[] {
  let old: Stored | undefined = before ?? undefined;
  return changes.map(({ revision, type, time, object }) => {
    const writers = type === 'DELETED' ? [] : writersOf(object, old);
    const step: Step = {
      revision,
      time: time ?? (type === 'ADDED' ? object.metadata.creationTimestamp : newest(writers)),
      change: type === 'ADDED' ? 'created' : type === 'DELETED' ? 'deleted' : 'changed',
      by: type === 'DELETED' ? [] : namesOf(writers, object),
      fields: type === 'MODIFIED' && old ? changedFields(kind, old, object) : [],
    };
    old = type === 'DELETED' ? undefined : object;
    return step;
  });
}

function changedFields(kind: Kind, old: Stored, now: Stored): string[] {
  const { changed, removed } = differenceOf(rootOf(kind.schema), plain(old), plain(now));
  const paths = [...pathsOf(changed), ...pathsOf(removed)].map((path) => path.slice(1));
  return [...new Set(paths)].sort();
}

/** Without what changes in every write. */
function plain({ metadata, ...rest }: Stored): object {
  const { resourceVersion: _, managedFields: __, ...kept } = metadata;
  return { ...rest, metadata: kept };
}

/** What two entries of one writer have in common. */
const namedAlike = ['manager', 'operation', 'subresource'] as const;

/** Entries that the write has added or renewed. */
function writersOf(object: Stored, old: Stored | undefined): ManagedFieldsEntry[] {
  const known = old?.metadata.managedFields ?? [];
  return (object.metadata.managedFields ?? []).filter((entry) => {
    const before = known.find((one) => namedAlike.every((field) => one[field] === entry[field]));
    return !before || before.time !== entry.time || hasGained(before, entry);
  });
}

/** Fields that are spelled out because somebody else wrote (apply/managers.ts) were its own before. */
function hasGained(before: ManagedFieldsEntry, now: ManagedFieldsEntry): boolean {
  const fields = fieldsIn(before);
  return !isEmpty(fields) && !isEmpty(difference(fieldsIn(now), fields));
}

/** Components of this program leave no entry as long as nobody else has written (apply/managers.ts). */
function namesOf(writers: readonly ManagedFieldsEntry[], { metadata }: Stored): string[] {
  if (writers.length === 0) return metadata.managedFields?.length ? [] : [ownManager];
  return [...new Set(writers.map(({ manager = '' }) => manager))];
}

const newest = (writers: readonly ManagedFieldsEntry[]): string | undefined =>
  writers
    .flatMap(({ time }) => time ?? [])
    .sort()
    .at(-1);
