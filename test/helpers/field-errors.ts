/** Validation, as a test reads it: `field: message` for every wrong field. */
import type { Kind } from '../../src/core/api/kind.ts';
import type { KubeObject, Stored } from '../../src/core/api/object.ts';
import { mergePatch } from '../../src/core/api/patch/merge.ts';
import { causeMessage, type FieldError } from '../../src/core/api/status.ts';
import { decoded, stored } from './stored.ts';

export const textsOf = (errors: readonly FieldError[]) => errors.map((e) => `${e.field}: ${causeMessage(e)}`);

/** What is wrong with the kind's example once `patch` is merged into it. */
export function wrongWith<T extends KubeObject>(kind: Kind<T>, patch: unknown): string[] {
  return textsOf(kind.validate?.(decoded(kind, mergePatch(kind.example, patch))) ?? []);
}

/** What is wrong with an update that merges `patch` into the stored example. */
export function wrongUpdate<T extends KubeObject>(
  kind: Kind<T>,
  patch: unknown,
  { example = kind.example, subresource = '' }: { example?: object; subresource?: string } = {},
): string[] {
  const old = stored(kind, example);
  const object = decoded(kind, mergePatch(old, patch));
  if (!subresource) kind.prepareForUpdate?.(object, old);
  return textsOf(kind.validateUpdate?.(object, old as Stored<T>, subresource) ?? []);
}
