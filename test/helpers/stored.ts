/** Objects as they come out of the server's own steps: decoded, defaulted, prepared and stamped. */
import { decodeObject } from '../../src/core/api/decode.ts';
import type { Kind } from '../../src/core/api/kind.ts';
import type { KubeObject, Stored } from '../../src/core/api/object.ts';

/** Decoded strictly and defaulted: what validation sees. */
export function decoded<T extends KubeObject>(kind: Kind<T>, body: unknown): T {
  const { object } = decodeObject(kind, body, 'Strict');
  kind.defaults?.(object);
  return object;
}

/** As a client reads it. A status in `body` stays. */
export function stored<T extends KubeObject>(kind: Kind<T>, body: object): Stored<T> {
  const object = decoded(kind, body);
  if (!('status' in body)) kind.prepareForCreate?.(object);
  const { metadata } = object;
  Object.assign(metadata, {
    name: metadata.name ?? 'x',
    namespace: kind.namespaced ? (metadata.namespace ?? 'default') : '',
    uid: metadata.uid ?? '6d0f1a5e-9d7b-4c6e-a1a2-0123456789ab',
    resourceVersion: metadata.resourceVersion ?? '7',
    creationTimestamp: metadata.creationTimestamp ?? '2026-11-25T09:55:00Z',
  });
  return object as Stored<T>;
}
