/** PUT and PATCH: read, change, write if nobody else did meanwhile. */
import { decodeObject } from '../../api/decode.ts';
import type { KubeObject } from '../../api/object.ts';
import { mergePatch } from '../../api/patch.ts';
import type { ApiRequest } from '../../api/request.ts';
import { ApiError, badRequest, invalid, modified, notFound } from '../../api/status.ts';
import { invalidValue } from '../../api/validation/errors.ts';
import { type Answer, ok } from '../answer.ts';
import type { Context } from '../context.ts';
import type { Entry } from '../entry.ts';
import { checkIdentity, otherName, placeInNamespace } from '../metadata.ts';
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
  return readModifyWrite(context, request, () =>
    decodeObject(kind, request.body, request.options?.fieldValidation ?? 'Warn'),
  );
}

export async function patch(context: Context, request: ApiRequest): Promise<Answer> {
  if (request.patchType !== 'merge') throw unsupportedPatch();
  if (typeof request.body !== 'object' || request.body === null || Array.isArray(request.body)) {
    throw badRequest('the patch must be a JSON object');
  }
  return readModifyWrite(context, request, (before) => patched(request, before));
}

function patched({ kind, body, options = {} }: ApiRequest, before: Entry): Decoded {
  // The revision of the object that was read must not count as a wish of the caller's.
  const { resourceVersion: _, ...metadata } = before.object.metadata;
  const { fieldValidation = 'Warn' } = options;
  const merged = mergePatch({ ...before.object, metadata }, body);
  const decoded = decodeObject(kind, merged, fieldValidation === 'Strict' ? 'Warn' : fieldValidation);
  if (fieldValidation !== 'Strict' || decoded.warnings.length === 0) return decoded;
  const why = `strict decoding error: ${decoded.warnings.join(', ')}`;
  throw invalid('', '', '', [invalidValue('patch', JSON.stringify(body), why)]);
}

export function unsupportedPatch(): ApiError {
  return new ApiError(
    'UnsupportedMediaType',
    'the body of the request was in an unknown format - accepted media types include: application/merge-patch+json',
    {},
  );
}

interface Decoded {
  readonly object: KubeObject;
  readonly warnings: string[];
}

async function readModifyWrite(
  context: Context,
  request: ApiRequest,
  wish: (before: Entry) => Decoded,
): Promise<Answer> {
  const { kind, name = '' } = request;
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const before = entryOf(context, request);
    const { object, warnings } = wish(before);
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
function createNamed(context: Context, request: ApiRequest, name: string): Promise<Answer> {
  const { metadata } = decodeObject(request.kind, request.body, 'Ignore').object;
  if (metadata.name && metadata.name !== name) throw otherName(metadata.name, name);
  // Whoever names a version or a uid means an object that once was.
  if (metadata.resourceVersion || metadata.uid) throw notFound(request.kind, name);
  const body = request.body as { metadata?: object };
  return create(context, { ...request, verb: 'create', body: { ...body, metadata: { ...body.metadata, name } } });
}
