/** Writes in an older version: what it could not see of an object stays as it is. */
import { isObject } from '../../api/decode-errors.ts';
import type { Stored } from '../../api/object.ts';
import { jsonPatch } from '../../api/patch/json.ts';
import { mergePatch } from '../../api/patch/merge.ts';
import { strategicMerge } from '../../api/patch/strategic.ts';
import type { ApiRequest } from '../../api/request.ts';
import type { StructSchema } from '../../api/schema.ts';
import { badRequest, isConflict, isNotFound, methodNotAllowed } from '../../api/status.ts';
import {
  decodeBody,
  decodeObject,
  encodeObject,
  mergeKeys,
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
  const patched = patcherOf(request, mergeKeys(version, resource.kind));
  return change(context, request, version, resource, async (stored) => {
    const { resourceVersion: _, ...metadata } = stored.metadata;
    // As it goes over the wire: without members that hold nothing.
    const seen = JSON.parse(JSON.stringify(encodeObject(version, resource, { ...stored, metadata })));
    return decodeBody(version, resource, await patched(seen));
  });
}

/** All patches but apply, which came later. */
function patcherOf({ body, patchType }: ApiRequest, schema: StructSchema): (seen: object) => unknown {
  if (patchType === 'json') return (seen) => jsonPatch(seen, body);
  if (patchType === 'apply') throw unsupportedPatch(['json', 'merge', 'strategic']);
  if (!isObject(body)) throw badRequest('the patch must be a JSON object');
  if (patchType === 'strategic') return (seen) => strategicMerge(schema, seen, body);
  return (seen) => mergePatch(seen, body);
}

/** Writes the stored object with what `wish` changes in it. A wish that names its version fails when that is past. */
async function change(
  context: Context,
  request: ApiRequest,
  version: OlderVersion,
  resource: OldResource,
  wish: (stored: Stored) => Members | Promise<Members>,
): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    const stored = storedObject(context, request);
    // For kinds that a PUT may create.
    if (!stored) return handle(context, { ...request, verb: 'update', body: await wish(missing) });
    const wished = await wish(stored);
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
