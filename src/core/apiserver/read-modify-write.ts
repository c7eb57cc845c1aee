/** Updates of every sort: read, change, write if nobody else did meanwhile. */
import type { KubeObject } from '../api/object.ts';
import type { ApiRequest } from '../api/request.ts';
import { type ApiError, invalid, modified } from '../api/status.ts';
import { invalidValue } from '../api/validation/errors.ts';
import { type ObjectAnswer, ok } from './answer.ts';
import type { Context } from './context.ts';
import type { AnyKind, Entry } from './entry.ts';
import { checkIdentity, placeInNamespace, uniteOwners } from './metadata.ts';
import { replace } from './replace.ts';
import { entryOf } from './verbs/get.ts';

/** As often as kube-apiserver tries before it gives up on a contended object. */
const attemptsMax = 5;

/** What the caller wants the object to be, decoded, and what he should be warned of. */
export interface Wish {
  readonly object: KubeObject;
  readonly warnings: readonly string[];
}

/** `wish` is asked again with what is there when somebody else was faster. */
export async function readModifyWrite(
  context: Context,
  request: ApiRequest,
  wish: (before: Entry) => Wish | Promise<Wish>,
): Promise<ObjectAnswer> {
  const { kind, name = '' } = request;
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const before = entryOf(context, request);
    const wished = wish(before);
    // An await that is not needed would keep updates of one turn out of a common commit.
    const { object, warnings } = wished instanceof Promise ? await wished : wished;
    const ownerWarnings = uniteOwners(object);
    placeInNamespace(kind, object, request.namespace);
    checkIdentity(kind, object, before.object, before.key);
    const wanted = object.metadata.resourceVersion;
    if (!wanted && request.verb === 'update' && kind.updateNeedsVersion) throw versionMissing(kind, name);
    if (wanted && wanted !== String(before.revision)) throw modified(kind, name);

    const after = await replace(context, request, before, object);
    if (after) return ok(after, kind, [...warnings, ...ownerWarnings]);
  }
  throw modified(kind, name);
}

/** Unlike everywhere else, the resource stands here where the kind belongs. */
function versionMissing({ plural, group }: AnyKind, name: string): ApiError {
  return invalid(plural, group, name, [invalidValue('metadata.resourceVersion', 0, 'must be specified for an update')]);
}
