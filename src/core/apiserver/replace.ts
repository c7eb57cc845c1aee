/** The write half of every update: what of the new object counts, whether it is allowed, and whether it changes anything. */
import { isDeepStrictEqual } from 'node:util';
import { validateMetadata, validateMetadataUpdate } from '../api/metadata.ts';
import type { KubeObject, Stored } from '../api/object.ts';
import type { ApiRequest } from '../api/request.ts';
import { type FieldError, invalid } from '../api/status.ts';
import { admitted } from './admission/plugin.ts';
import { put, remove } from './commit.ts';
import type { Context } from './context.ts';
import type { AnyKind, Entry, Payload } from './entry.ts';
import { holdsNothing } from './finalizers.ts';
import { carryMetadata } from './metadata.ts';
import { entriesBefore, ownUpdate, setEntries } from './ownership.ts';

type Members = KubeObject & { spec?: { finalizers?: string[] }; status?: unknown };

/** The new state; undefined when the object was changed by someone else since `before`. */
export async function replace(
  context: Context,
  request: ApiRequest,
  before: Entry,
  asked: KubeObject,
): Promise<Payload | undefined> {
  const { kind, namespace, name = '', subresource, options = {} } = request;
  const old = before.object;
  const metadataErrors = validateMetadataUpdate(asked.metadata, old.metadata);
  const entries = entriesBefore(request, asked.metadata, old);
  carryMetadata(asked, old);
  setEntries(asked.metadata, entries);
  const object = merge(kind, asked, old, subresource);
  if (!subresource) {
    kind.defaults?.(object);
    kind.prepareForUpdate?.(object, old);
  }

  const admission = { verb: 'update' as const, kind, namespace, name, object, old };
  // Plug-ins have their say on what users want, not on what is reported about it.
  const plugins = subresource ? [] : context.admission;
  return admitted(context, plugins, admission, async ({ compare, guards }) => {
    check(kind, object, old, subresource ?? '', metadataErrors);
    const sameDesired = isDeepStrictEqual(desiredState(object), desiredState(old));
    if (sameDesired && sameReport(object, old)) return before;
    ownUpdate(context, request, object, old);
    if (kind.generation && !sameDesired) object.metadata.generation = (old.metadata.generation ?? 0) + 1;
    if (options.dryRun) return dryRunOf(object, before);
    const write = { request, kind, key: before.key, before, compare, guards };
    const ends = old.metadata.deletionTimestamp && holdsNothing(kind, object);
    const result = ends ? await remove(context, write) : await put(context, write, object);
    return result.done ? result.entry : undefined;
  });
}

/** A subresource writes its own part of the object and nothing else. */
function merge(kind: AnyKind, asked: Members, old: Members, subresource: ApiRequest['subresource']): KubeObject {
  const { metadata } = asked;
  switch (subresource) {
    case 'status':
      return { ...old, metadata, status: asked.status } as Members;
    case 'finalize':
      return { ...old, metadata, spec: { ...old.spec, finalizers: asked.spec?.finalizers ?? [] } } as Members;
  }
  if (kind.subresources.includes('status')) asked.status = structuredClone(old.status);
  return asked;
}

function check(kind: AnyKind, object: KubeObject, old: Stored, subresource: string, found: FieldError[]): void {
  const errors = [
    ...found,
    ...validateMetadata(kind, object.metadata),
    ...(subresource ? [] : (kind.validate?.(object) ?? [])),
    ...(kind.validateUpdate?.(object, old, subresource) ?? []),
  ];
  if (errors.length) throw invalid(kind.kind, kind.group, old.metadata.name, errors);
}

const desiredState = ({ metadata: _metadata, status: _status, ...desired }: Members) => desired;

function sameReport(a: Members, b: Members): boolean {
  const unversioned = { ...b.metadata };
  delete unversioned.resourceVersion;
  return isDeepStrictEqual(a.status, b.status) && isDeepStrictEqual(a.metadata, unversioned);
}

function dryRunOf(object: KubeObject, before: Entry): Payload {
  object.metadata.resourceVersion = String(before.revision);
  return { object, wire: Buffer.from(JSON.stringify(object)) };
}
