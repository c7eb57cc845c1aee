/** Which parts of metadata the user sets, and which are the server's. */
import type { KubeObject, Stored } from '../api/object.ts';
import { badRequest, conflict } from '../api/status.ts';
import { timestamp } from '../api/time.ts';
import { ObjectMeta } from '../api/types/meta.ts';
import type { Context } from './context.ts';
import type { AnyKind } from './entry.ts';

/** Never stored: the first is the revision itself, the other is not kept by this server. */
const unkept = new Set(['resourceVersion', 'selfLink']);
const kept = Object.keys(ObjectMeta.fields).filter((field) => !unkept.has(field)) as (keyof ObjectMeta)[];
const fixedAtCreation = ['name', 'generateName', 'namespace', 'uid', 'creationTimestamp'] as const;
const serverOwned = ['generation', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const;

/** Metadata of a new object. Who owns its fields is set by whoever knows. */
export function stampNew({ clock, random }: Context, kind: AnyKind, object: KubeObject): void {
  const stamped: ObjectMeta = { ...object.metadata, uid: random.uid(), creationTimestamp: timestamp(clock.now()) };
  for (const field of serverOwned) stamped[field] = undefined;
  if (kind.generation) stamped.generation = 1;
  object.metadata = canonicalMeta(stamped);
}

/** Metadata of an update: the user's labels, annotations, owners and finalizers; the rest stays as it was. */
export function carryMetadata(object: KubeObject, old: Stored): void {
  const carried: ObjectMeta = { ...object.metadata };
  for (const field of [...fixedAtCreation, ...serverOwned]) Object.assign(carried, { [field]: old.metadata[field] });
  object.metadata = canonicalMeta(carried);
}

/** Members in the order of the schema, so that the stored form of equal objects is equal, and none undefined. */
export function canonicalMeta(metadata: ObjectMeta): ObjectMeta {
  const out: Record<string, unknown> = {};
  for (const field of kept) {
    const value = metadata[field];
    if (value !== undefined) out[field] = value;
  }
  return out as ObjectMeta;
}

/** The namespace comes from the path; a different one in the body is a mistake of the caller. */
export function placeInNamespace(kind: AnyKind, object: KubeObject, namespace: string | undefined): void {
  const { metadata } = object;
  if (!kind.namespaced) return;
  if (!namespace) throw badRequest('an empty namespace may not be set during creation');
  if (metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  metadata.namespace = namespace;
}

export const otherName = (inBody: string, inPath: string) =>
  badRequest(`the name of the object (${inBody}) does not match the name on the URL (${inPath})`);

/** The body of an update must be about the object the path names. */
export function checkIdentity(kind: AnyKind, { metadata }: KubeObject, old: Stored, key: string): void {
  const { name, uid } = old.metadata;
  metadata.name ||= name;
  if (metadata.name !== name) throw otherName(metadata.name, name);
  if (metadata.uid && metadata.uid !== uid) {
    const why = `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${uid}`;
    throw conflict(
      kind,
      name,
      `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`,
    );
  }
}

/** An owner named twice is one owner; whoever does that is warned, in the words of kube-apiserver. */
export function uniteOwners({ metadata }: KubeObject): string[] {
  const { ownerReferences: owners = [] } = metadata;
  const uids = owners.map(({ uid }) => uid);
  const twice = [...new Set(uids.filter((uid, i) => uids.indexOf(uid) < i))];
  if (!twice.length) return [];
  metadata.ownerReferences = owners.filter(({ uid }, i) => uids.indexOf(uid) === i);
  return [
    `metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${twice.join(', ')}`,
  ];
}
