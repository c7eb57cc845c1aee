/** What keeps an object from going away although it was deleted. */
import type { KubeObject } from '../api/object.ts';
import type { AnyKind } from './entry.ts';

/** Kinds with a /finalize subresource (namespaces) have finalizers in their spec too. */
export function isHeld(kind: AnyKind, object: KubeObject): boolean {
  if (object.metadata.finalizers?.length) return true;
  const { spec } = object as { spec?: { finalizers?: string[] } };
  return kind.subresources.includes('finalize') && Boolean(spec?.finalizers?.length);
}

/** A deleted object ends when neither a finalizer nor a grace period holds it. */
export function holdsNothing(kind: AnyKind, object: KubeObject): boolean {
  return !isHeld(kind, object) && !object.metadata.deletionGracePeriodSeconds;
}
