/** PATCH with what somebody wants an object to have: server-side apply. */
import { decodeConfig } from '../../api/apply/config.ts';
import { lastAppliedFields, mayTakeOver, withLastApplied } from '../../api/apply/last-applied.ts';
import { applyConfig } from '../../api/apply/managers.ts';
import type { KubeObject, Stored } from '../../api/object.ts';
import type { ApiRequest } from '../../api/request.ts';
import { conflict, invalid, notFound } from '../../api/status.ts';
import { required } from '../../api/validation/errors.ts';
import type { Answer } from '../answer.ts';
import type { Context } from '../context.ts';
import type { AnyKind } from '../entry.ts';
import { otherName } from '../metadata.ts';
import { setEntries, writerOf } from '../ownership.ts';
import { readModifyWrite, type Wish } from '../read-modify-write.ts';
import { create } from './create.ts';

export async function apply(context: Context, request: ApiRequest): Promise<Answer> {
  const { kind, namespace, name = '', subresource } = request;
  const config = configOf(kind, request);
  const resource = context.cache.resource(kind);
  if (!resource.get(resource.key(namespace, name))) {
    if (subresource) throw notFound(kind, name);
    return createApplied(context, request, config);
  }
  return readModifyWrite(context, request, ({ object }) => applied(context, request, config, object));
}

/** What is applied: an object of `kind`, with nothing in it but what was sent. */
export function configOf(kind: AnyKind, { name = '', body, options = {} }: ApiRequest): KubeObject {
  if (!options.fieldManager) {
    throw invalid('PatchOptions', 'meta.k8s.io', '', [required('fieldManager', 'is required for apply patch')]);
  }
  const strict = options.fieldValidation === 'Strict';
  const sent = decodeConfig(kind, body, { strict });
  // Null is as good as absent.
  const config = { ...sent, metadata: sent['metadata'] ?? {} } as KubeObject;
  config.metadata.name ||= name;
  if (config.metadata.name !== name) throw otherName(config.metadata.name, name);
  return config;
}

function createApplied(context: Context, request: ApiRequest, config: KubeObject): Promise<Answer> {
  const { kind, name = '', options } = request;
  const { uid } = config.metadata;
  if (uid) {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflict(kind, name, why);
  }
  const writer = writerOf(context, request);
  const { entries } = applyConfig(kind, [], writer, { live: undefined, config, force: options?.force ?? false });
  const body = { ...config, metadata: { ...config.metadata, managedFields: entries } };
  return create(context, { ...request, verb: 'create', body });
}

/** What `object` becomes by it. */
export function applied(context: Context, request: ApiRequest, config: KubeObject, object: Stored): Wish {
  const { kind, options = {} } = request;
  const { resourceVersion: _, managedFields = [], ...metadata } = object.metadata;
  const live = { ...object, metadata } as KubeObject;
  const writer = writerOf(context, request);
  const fromClientSide = mayTakeOver(writer, live);
  const yielded = fromClientSide ? lastAppliedFields(kind, live) : undefined;
  const result = applyConfig(kind, managedFields, writer, { live, config, yielded, force: options.force ?? false });
  const wished = fromClientSide ? withLastApplied(result.object, config) : result.object;
  setEntries(wished.metadata, result.entries);
  return { object: wished, warnings: [] };
}
