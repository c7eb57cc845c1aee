/** PUT and PATCH: read, change, write if nobody else did meanwhile. */
import { decodeObject } from '../../api/decode.ts';
import { mergePatch } from '../../api/patch.ts';
import type { ApiRequest } from '../../api/request.ts';
import { ApiError, badRequest, modified, notFound } from '../../api/status.ts';
import { type Answer, created, ok } from '../answer.ts';
import type { Context } from '../context.ts';
import type { Entry } from '../entry.ts';
import { checkIdentity, placeInNamespace } from '../metadata.ts';
import { replace } from '../replace.ts';
import { create } from './create.ts';
import { entryOf } from './get.ts';

/** As often as kube-apiserver tries before it gives up on a contended object. */
const attemptsMax = 5;

export async function update(context: Context, request: ApiRequest): Promise<Answer> {
  const { kind, namespace, name = '', subresource } = request;
  const resource = context.cache.resource(kind);
  if (!resource.get(resource.key(namespace, name)) && kind.createOnUpdate && !subresource) {
    return createNamed(context, request, name);
  }
  return readModifyWrite(context, request, () => request.body);
}

export async function patch(context: Context, request: ApiRequest): Promise<Answer> {
  if (request.patchType !== 'merge') throw unsupportedPatch();
  if (typeof request.body !== 'object' || request.body === null || Array.isArray(request.body)) {
    throw badRequest('the patch must be a JSON object');
  }
  // The revision of the object that was read must not count as a wish of the caller's.
  return readModifyWrite(context, request, (before) => {
    const { resourceVersion: _, ...metadata } = before.object.metadata;
    return mergePatch({ ...before.object, metadata }, request.body);
  });
}

export function unsupportedPatch(): ApiError {
  return new ApiError(
    'UnsupportedMediaType',
    'the body of the request was in an unknown format - accepted media types include: application/merge-patch+json',
    {},
  );
}

async function readModifyWrite(
  context: Context,
  request: ApiRequest,
  bodyFor: (before: Entry) => unknown,
): Promise<Answer> {
  const { kind, name = '', options = {} } = request;
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const before = entryOf(context, request);
    const { object, warnings } = decodeObject(kind, bodyFor(before), options.fieldValidation ?? 'Warn');
    placeInNamespace(kind, object, request.namespace);
    checkIdentity(kind, object, before.object, before.key);
    const wanted = object.metadata.resourceVersion;
    if (wanted && wanted !== String(before.revision)) throw modified(kind, name);

    const after = await replace(context, request, before, object);
    if (after) return ok(after, kind, warnings);
    if (wanted) break;
  }
  throw modified(kind, name);
}

/** PUT of an object that is not there, for the kinds that allow it. */
async function createNamed(context: Context, request: ApiRequest, name: string): Promise<Answer> {
  const { object } = decodeObject(request.kind, request.body, 'Ignore');
  if (object.metadata.name && object.metadata.name !== name) {
    throw badRequest(`the name of the object (${object.metadata.name}) does not match the name on the URL (${name})`);
  }
  if (object.metadata.resourceVersion || object.metadata.uid) throw notFound(request.kind, name);
  const { kind, ...rest } = request;
  const answer = await create(context, {
    ...rest,
    kind,
    verb: 'create',
    body: { ...object, metadata: { ...object.metadata, name } },
  });
  return answer.type === 'object' ? created(answer.payload, kind, answer.warnings) : answer;
}
