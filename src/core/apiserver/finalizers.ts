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

const propagationFinalizers = { Orphan: 'orphan', Foreground: 'foregroundDeletion', Background: undefined };

/**
 * The object with the finalizer that its deletion asks for: it then stays until the garbage collector has let go of the
 * objects it owns, or deleted them. Once it is on its way out its finalizers are no longer for a DELETE to change.
 */
export function withPropagation<T extends KubeObject>(
  kind: AnyKind,
  object: T,
  asked?: keyof typeof propagationFinalizers,
): T {
  const { deletionTimestamp, finalizers = [] } = object.metadata;
  const finalizer = kind.defaultPropagation && propagationFinalizers[asked ?? kind.defaultPropagation];
  if (!finalizer || deletionTimestamp || finalizers.includes(finalizer)) return object;
  return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } };
}
