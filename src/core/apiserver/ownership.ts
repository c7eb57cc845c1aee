/** Who writes, and what that does to `metadata.managedFields`. */
import { ownManager, type Writer } from '../api/apply/entries.ts';
import { afterUpdate, entriesOfNew } from '../api/apply/managers.ts';
import type { KubeObject, Stored } from '../api/object.ts';
import type { ApiRequest } from '../api/request.ts';
import { timestamp } from '../api/time.ts';
import type { ManagedFieldsEntry, ObjectMeta } from '../api/types/meta.ts';
import type { Context } from './context.ts';

type Entries = readonly ManagedFieldsEntry[];

export function writerOf({ clock }: Context, request: ApiRequest): Writer {
  const { kind, patchType, subresource, through, options } = request;
  return {
    manager: options?.fieldManager ?? ownManager,
    operation: patchType === 'apply' ? 'Apply' : 'Update',
    apiVersion: kind.apiVersion,
    subresource: subresource ?? through ?? '',
    time: timestamp(clock.now()),
  };
}

/** For an object about to be created. Whoever applies has found out already. */
export function ownNew(context: Context, request: ApiRequest, object: KubeObject): void {
  if (request.patchType !== 'apply') setEntries(object.metadata, entriesOfNew(writerOf(context, request)));
}

/**
 * The entries from which an update starts: those that are there, unless the user gives others. One empty entry is the
 * way to be rid of all of them; an empty list is not, so that clients which do not know the field do no harm.
 */
export function entriesBefore({ patchType, subresource }: ApiRequest, asked: ObjectMeta, old: Stored): Entries {
  const { managedFields: given = [] } = asked;
  const live = old.metadata.managedFields ?? [];
  if (patchType === 'apply') return given;
  if (given.length === 0 || subresource) return live;
  return given.length === 1 && !given[0]?.manager && !given[0]?.operation ? [] : given;
}

/** For an object that is about to take the place of `old`, from which it differs. */
export function ownUpdate(context: Context, request: ApiRequest, object: KubeObject, old: Stored): void {
  if (request.patchType === 'apply') return;
  const entries = object.metadata.managedFields ?? [];
  const writer = writerOf(context, request);
  setEntries(object.metadata, afterUpdate(request.kind, entries, writer, { before: old, after: object }));
}

/** The last member of metadata, as the schema has it. */
export function setEntries(metadata: ObjectMeta, entries: Entries): void {
  delete metadata.managedFields;
  if (entries.length) metadata.managedFields = [...entries];
}
