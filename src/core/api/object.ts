/** The shapes every kind shares, in the form the API stores (written) and in the form a user sends (a draft). */
import type { ObjectMeta } from './types/meta.ts';

/** Any API object. */
export interface KubeObject {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ObjectMeta;
}

/** Metadata of an object that the server has stored: these members are then always set ('' namespace: cluster scope). */
export type StoredMeta = ObjectMeta & {
  name: string;
  namespace: string;
  uid: string;
  resourceVersion: string;
  creationTimestamp: string;
};

/** An object as the server answers it. Objects out of caches are shared: never change one, copy it first. */
export type Stored<T extends KubeObject = KubeObject> = Omit<T, 'metadata'> & { metadata: StoredMeta };

/** What a user may send: everything optional, the server fills in defaults. */
export type Draft<T> = T extends (infer U)[]
  ? Draft<U>[]
  : T extends object
    ? { [K in keyof T]?: Draft<T[K]> | undefined }
    : T;

export interface ListMeta {
  resourceVersion?: string | undefined;
  continue?: string | undefined;
  remainingItemCount?: number | undefined;
}

export interface KubeList<T extends KubeObject = KubeObject> {
  kind: string;
  apiVersion: string;
  metadata: ListMeta;
  items: Stored<T>[];
}

/** One line of a watch. BOOKMARK objects hold metadata.resourceVersion only; ERROR objects are a Status. */
export type WatchEvent<T extends KubeObject = KubeObject> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: Stored<T> }
  | { type: 'BOOKMARK'; object: Stored<T> };

/** `namespace/name`, or `name` for cluster-scoped objects: the key of queues and caches. */
export function keyOf(object: { metadata: { namespace?: string | undefined; name?: string | undefined } }): string {
  const { namespace, name } = object.metadata;
  return namespace ? `${namespace}/${name}` : `${name}`;
}

/** The inverse of keyOf. */
export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return slash < 0 ? { namespace: '', name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
