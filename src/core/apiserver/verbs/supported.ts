import type { ApiRequest } from '../../api/request.ts';
import { ApiError } from '../../api/status.ts';
import type { AnyKind } from '../entry.ts';

/** Some kinds have some verbs only. */
export function requireVerb({ kind, verb }: ApiRequest): void {
  if (!kind.verbs || kind.verbs.includes(verb)) return;
  throw unsupportedVerb(kind, verb);
}

export function unsupportedVerb({ plural }: AnyKind, verb: string): ApiError {
  return new ApiError('MethodNotAllowed', `${verb} is not supported on resources of kind "${plural}"`, {
    kind: plural,
  });
}
