/** PUT: the whole object, in place of the one that is there. */
import { decodeObject } from '../../api/decode.ts';
import type { ApiRequest } from '../../api/request.ts';
import { notFound } from '../../api/status.ts';
import type { Answer } from '../answer.ts';
import type { Context } from '../context.ts';
import { otherName } from '../metadata.ts';
import { readModifyWrite } from '../read-modify-write.ts';
import { create } from './create.ts';

export async function update(context: Context, request: ApiRequest): Promise<Answer> {
  const { kind, namespace, name = '', subresource } = request;
  const resource = context.cache.resource(kind);
  if (!resource.get(resource.key(namespace, name)) && kind.createOnUpdate && !subresource) {
    return createNamed(context, request, name);
  }
  return readModifyWrite(context, request, () =>
    decodeObject(kind, request.body, request.options?.fieldValidation ?? 'Warn', request.duplicates),
  );
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
