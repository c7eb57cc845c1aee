/**
 * OpenAPI documents of the kinds: version 2 as JSON and in the protobuf form that old kubectl asks for, version 3 by
 * group. May import the rest of core/api. Nothing loads it before a document is asked for: the sentences alone are 80 KB.
 */
import type { Kind } from '../kind.ts';
import { Definitions, type Json } from './definitions.ts';
import { type Operation, type Parameter, type Path, patchMediaTypes, pathsOf } from './operations.ts';

export { gnosticDocument } from './gnostic.ts';
export { swaggerDeclaration, swaggerListing } from './swagger12.ts';

// biome-ignore lint/suspicious/noExplicitAny: kinds of all types in one list
type AnyKind = Kind<any>;

const mediaTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

/** `/openapi/v2`. */
export function openApiV2(kinds: readonly AnyKind[], version: string): Json {
  const definitions = new Definitions(kinds, 2);
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version },
    paths: pathItems(kinds, (path) => ({
      ...operationsOf(path, (operation) => operationV2(operation, definitions)),
      parameters: path.parameters.map((parameter) => ({ ...parameter, in: 'path', required: true })),
    })),
    definitions: definitions.all,
  };
}

/** `/openapi/v3/api/v1`: the kinds of one group and version. */
export function openApiV3(kinds: readonly AnyKind[], version: string): Json {
  const definitions = new Definitions(kinds, 3);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version },
    paths: pathItems(kinds, (path) => ({
      ...operationsOf(path, (operation) => operationV3(operation, definitions)),
      parameters: path.parameters.map((parameter) => ({ ...parameterV3(parameter, 'path'), required: true })),
    })),
    components: { schemas: definitions.all },
  };
}

function pathItems(kinds: readonly AnyKind[], itemOf: (path: Path) => Json): Json {
  const paths = kinds.flatMap(pathsOf).sort((a, b) => (a.path < b.path ? -1 : 1));
  return Object.fromEntries(paths.map((path) => [path.path, itemOf(path)]));
}

const operationsOf = ({ operations }: Path, form: (operation: Operation) => Json): Json =>
  Object.fromEntries(Object.entries(operations).map(([method, operation]) => [method, form(operation)]));

const commonOf = ({ id, tag, action, description, type }: Operation): Json => ({
  description,
  operationId: id,
  tags: [tag],
  'x-kubernetes-action': action,
  'x-kubernetes-group-version-kind': type,
});

const consumedBy = ({ action }: Operation) => (action === 'patch' ? patchMediaTypes : mediaTypes);

function operationV2(operation: Operation, definitions: Definitions): Json {
  const { body, answer, query } = operation;
  const sent = body
    ? [{ name: 'body', in: 'body', required: isBodyRequired(operation), schema: definitions.ref(body) }]
    : [];
  const schema = answer ? definitions.ref(answer) : { type: 'string' };
  return {
    ...commonOf(operation),
    ...(body && { consumes: consumedBy(operation) }),
    produces: answer ? mediaTypes : ['text/plain'],
    parameters: [...sent, ...query.map((parameter) => ({ ...parameter, in: 'query' }))],
    responses: { [codeOf(operation)]: { description: 'OK', schema } },
  };
}

function operationV3(operation: Operation, definitions: Definitions): Json {
  const { body, answer, query } = operation;
  const contentOf = (types: readonly string[], schema: Json) =>
    Object.fromEntries(types.map((type) => [type, { schema }]));
  const answered = answer
    ? contentOf(mediaTypes, definitions.ref(answer))
    : contentOf(['text/plain'], { type: 'string' });
  const requestBody = body && {
    required: isBodyRequired(operation),
    content: contentOf(consumedBy(operation), definitions.ref(body)),
  };
  return {
    ...commonOf(operation),
    parameters: query.map((parameter) => parameterV3(parameter, 'query')),
    ...(requestBody && { requestBody }),
    responses: { [codeOf(operation)]: { description: 'OK', content: answered } },
  };
}

/** The wishes that go with a DELETE may be left out. */
const isBodyRequired = ({ action }: Operation) => !action.startsWith('delete');

const codeOf = ({ action }: Operation) => (action === 'post' ? '201' : '200');

const parameterV3 = ({ name, type, description }: Parameter, where: 'path' | 'query'): Json => ({
  name,
  in: where,
  description,
  schema: { type },
});
