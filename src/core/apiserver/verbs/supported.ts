import type { ApiRequest } from '../../api/request.ts';
import { ApiError } from '../../api/status.ts';

/** Some kinds have some verbs only. */
export function requireVerb({ kind, verb }: ApiRequest): void {
  if (!kind.verbs || kind.verbs.includes(verb)) return;
  const message = `${verb} is not supported on resources of kind "${kind.plural}"`;
  throw new ApiError('MethodNotAllowed', message, { kind: kind.plural });
}
