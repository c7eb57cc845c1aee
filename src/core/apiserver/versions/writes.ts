/** Writes in an older version: what it could not see of an object stays as it is. */
import { isObject } from '../../api/decode-errors.ts';
import type { Stored } from '../../api/object.ts';
import { mergePatch } from '../../api/patch/merge.ts';
import type { ApiRequest } from '../../api/request.ts';
import { badRequest, isConflict, isNotFound, methodNotAllowed } from '../../api/status.ts';
import {
  decodeBody,
  decodeObject,
  encodeObject,
  type OlderVersion,
  type OldResource,
  overlay,
  resourceOf,
} from '../../api/versions/index.ts';
import { type Answer, success } from '../answer.ts';
import type { Context } from '../context.ts';
import { handle } from '../engine.ts';
import { entryOf } from '../verbs/get.ts';
import { unsupportedPatch } from '../verbs/patch.ts';

type Members = Record<string, unknown>;

/** As often as an update without a version of its own is tried against others. */
const attemptsMax = 5;

export async function write(
  context: Context,
  request: ApiRequest,
  version: OlderVersion,
  resource: OldResource,
): Promise<Answer> {
  switch (request.verb) {
    case 'create': {
      const created = request.subresource === 'binding' ? resourceOf('bindings')! : resource;
      return handle(context, { ...request, body: decodeBody(version, created, request.body) });
    }
    case 'update': {
      const wished = decodeBody(version, resource, request.body);
      return change(context, request, version, resource, () => wished);
    }
    case 'patch':
      return patch(context, request, version, resource);
    case 'delete': {
      const answer = await handle(context, request);
      return resource.deleteAnswersObject ? answer : success(200, { code: 200 });
    }
  }
  // There was no deleting of collections.
  throw methodNotAllowed();
}

function patch(context: Context, request: ApiRequest, version: OlderVersion, resource: OldResource): Promise<Answer> {
  const { body, patchType } = request;
  if (patchType !== 'merge') throw unsupportedPatch(['merge']);
  if (!isObject(body)) throw badRequest('the patch must be a JSON object');
  return change(context, request, version, resource, (stored) => {
    const { resourceVersion: _, ...metadata } = stored.metadata;
    const seen = encodeObject(version, resource, { ...stored, metadata });
    return decodeBody(version, resource, mergePatch(seen, body));
  });
}

/** Writes the stored object with what `wish` changes in it. A wish that names its version fails when that is past. */
async function change(
  context: Context,
  request: ApiRequest,
  version: OlderVersion,
  resource: OldResource,
  wish: (stored: Stored) => Members,
): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    const stored = storedObject(context, request);
    // For kinds that a PUT may create.
    if (!stored) return handle(context, { ...request, verb: 'update', body: wish(missing) });
    const wished = wish(stored);
    const seen = decodeObject(version, resource, encodeObject(version, resource, stored));
    const body = overlay(wished, seen, stored) as { metadata: Members };
    const { resourceVersion } = wished.metadata as Members;
    const metadata = { ...body.metadata, resourceVersion: resourceVersion || stored.metadata.resourceVersion };
    try {
      return await handle(context, { ...request, verb: 'update', body: { ...body, metadata } });
    } catch (error) {
      if (resourceVersion || !isConflict(error) || attempt === attemptsMax) throw error;
    }
  }
}

const missing = { metadata: {} } as Stored;

function storedObject(context: Context, request: ApiRequest): Stored | undefined {
  try {
    return entryOf(context, request).object;
  } catch (error) {
    if (request.verb === 'update' && isNotFound(error)) return undefined;
    throw error;
  }
}
