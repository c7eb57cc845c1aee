import { decodeObject } from '../../api/decode.ts';
import { generateName, validateMetadata } from '../../api/metadata.ts';
import type { KubeObject } from '../../api/object.ts';
import type { ApiRequest } from '../../api/request.ts';
import { ApiError, alreadyExists, badRequest, conflict, invalid } from '../../api/status.ts';
import { admitted } from '../admission/plugin.ts';
import { type Answer, created } from '../answer.ts';
import { put } from '../commit.ts';
import type { Context } from '../context.ts';
import type { AnyKind } from '../entry.ts';
import { placeInNamespace, stampNew, uniteOwners } from '../metadata.ts';
import { ownNew } from '../ownership.ts';

/** Like names.SimpleNameGenerator's users since Kubernetes 1.30. */
const generatedNamesMax = 8;
const attemptsMax = 5;

export async function create(context: Context, request: ApiRequest): Promise<Answer> {
  let taken: ApiError | undefined;
  let collisions = 0;
  for (let attempt = 0; attempt < attemptsMax && collisions < generatedNamesMax; ) {
    const result = await tryCreate(context, request);
    if (!(result instanceof ApiError)) return result;
    taken = result;
    if (result.reason === 'AlreadyExists') collisions++;
    else attempt++;
  }
  if (taken?.reason !== 'AlreadyExists') throw taken;
  const { message, status } = taken;
  throw new ApiError('AlreadyExists', `${message}, the server was not able to generate a unique name for the object`, {
    ...status.details,
    retryAfterSeconds: 1,
  });
}

/**
 * Returns the error when another name or a second look may help, throws it when not. There is no await before the
 * store has the transaction: all creates that arrive in one turn of the event loop share one commit.
 */
async function tryCreate(context: Context, request: ApiRequest): Promise<Answer | ApiError> {
  const { kind, namespace, options = {} } = request;
  const { object, warnings } = decodeObject(kind, request.body, options.fieldValidation ?? 'Warn', request.duplicates);
  warnings.push(...uniteOwners(object));
  const named = Boolean(object.metadata.name);
  prepare(context, request, object);
  const { name = '' } = object.metadata;
  const resource = context.cache.resource(kind);
  const key = resource.key(namespace, name);

  const asked = { verb: 'create' as const, kind, namespace, name, object, old: undefined };
  return admitted(context, context.admission, asked, async ({ compare, guards }) => {
    kind.prepareForCreate?.(object);
    check(kind, object);
    if (options.dryRun) {
      if (resource.get(key)) throw alreadyExists(kind, name);
      return created({ object, wire: Buffer.from(JSON.stringify(object)) }, kind, warnings);
    }
    const result = await put(context, { request, kind, key, before: undefined, compare, guards }, object);
    if (result.done) return created(result.entry, kind, warnings);
    if (!result.found) return conflict(kind, name, 'its namespace was being changed; please try again');
    const exists = alreadyExists(kind, name);
    if (named) throw exists;
    return exists;
  });
}

function prepare(context: Context, request: ApiRequest, object: KubeObject): void {
  const { kind, namespace } = request;
  placeInNamespace(kind, object, namespace);
  const { metadata } = object;
  if (metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created');
  if (!metadata.name && metadata.generateName) metadata.name = generateName(metadata.generateName, context.random);
  stampNew(context, kind, object);
  ownNew(context, request, object);
  kind.defaults?.(object);
}

function check(kind: AnyKind, object: KubeObject): void {
  const errors = [...validateMetadata(kind, object.metadata), ...(kind.validate?.(object) ?? [])];
  if (errors.length) throw invalid(kind.kind, kind.group, object.metadata.name ?? '', errors);
}
