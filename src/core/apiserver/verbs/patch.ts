/** PATCH with a document that says what to change. */
import { decodeObject } from '../../api/decode.ts';
import { isObject } from '../../api/decode-errors.ts';
import type { KubeObject } from '../../api/object.ts';
import { goText } from '../../api/patch/go-text.ts';
import { jsonPatch } from '../../api/patch/json.ts';
import { mergePatch } from '../../api/patch/merge.ts';
import { strategicMerge } from '../../api/patch/strategic.ts';
import type { ApiRequest, PatchType } from '../../api/request.ts';
import { ApiError, badRequest, invalid } from '../../api/status.ts';
import { forbiddenField, invalidValue } from '../../api/validation/errors.ts';
import { patchMediaTypes } from '../../client/paths.ts';
import type { Answer } from '../answer.ts';
import type { Context } from '../context.ts';
import { readModifyWrite, type Wish } from '../read-modify-write.ts';
import { apply } from './apply.ts';

export async function patch(context: Context, request: ApiRequest): Promise<Answer> {
  if (request.patchType === 'apply') return apply(context, request);
  if (request.options?.force !== undefined) {
    const error = forbiddenField('force', 'may not be specified for non-apply patch');
    throw invalid('PatchOptions', 'meta.k8s.io', '', [error]);
  }
  return readModifyWrite(context, request, ({ object }) => patched(request, object));
}

/** What the object becomes by the patch that the request brings. */
export function patched(request: ApiRequest, object: KubeObject): Wish | Promise<Wish> {
  const body = patchedBy(request, object);
  return body instanceof Promise ? body.then((late) => decoded(request, late)) : decoded(request, body);
}

function patchedBy({ kind, body, patchType }: ApiRequest, object: KubeObject): unknown | Promise<unknown> {
  // The revision of the object that was read must not count as a wish of the caller's.
  const { resourceVersion: _, ...metadata } = object.metadata;
  switch (patchType) {
    case 'merge':
      return mergePatch({ ...object, metadata }, asMap(body));
    case 'strategic':
      return strategicMerge(kind.schema, { ...object, metadata }, asMap(body));
    case 'json':
      return jsonPatched(object, body);
  }
  throw unsupportedPatch();
}

/** Other than the merging ones a JSON patch sees the revision: it may test it, or replace it by the one it is made for. */
async function jsonPatched(object: KubeObject, body: unknown): Promise<unknown> {
  const patched = await jsonPatch(object, body);
  if (!isObject(patched) || !isObject(patched['metadata'])) return patched;
  const { resourceVersion, ...metadata } = patched['metadata'];
  return resourceVersion === object.metadata.resourceVersion ? { ...patched, metadata } : patched;
}

function decoded({ kind, body, patchType, duplicates, options = {} }: ApiRequest, result: unknown): Wish {
  const { fieldValidation = 'Warn' } = options;
  const wish = decodeObject(kind, result, fieldValidation === 'Strict' ? 'Warn' : fieldValidation, duplicates);
  if (fieldValidation !== 'Strict' || wish.warnings.length === 0) return wish;
  const why = `strict decoding error: ${wish.warnings.join(', ')}`;
  const shown = patchType === 'strategic' ? goText(body) : JSON.stringify(body);
  throw invalid('', '', '', [invalidValue('patch', shown, why)]);
}

function asMap(body: unknown): Record<string, unknown> {
  if (isObject(body)) return body;
  throw badRequest('the patch must be a JSON object');
}

export function unsupportedPatch(accepted: readonly PatchType[] = ['json', 'merge', 'strategic', 'apply']): ApiError {
  const types = accepted.map((type) => patchMediaTypes[type]).join(', ');
  const message = `the body of the request was in an unknown format - accepted media types include: ${types}`;
  return new ApiError('UnsupportedMediaType', message, {});
}
