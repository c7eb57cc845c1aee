/** Swagger 1.2, as the API of 2014 described itself: a listing of versions, and one declaration for each. */
import type { Kind } from '../kind.ts';
import { Definitions, type Json } from './definitions.ts';
import { type Operation, type Parameter, type Path, patchMediaTypes, pathsOf } from './operations.ts';

// biome-ignore lint/suspicious/noExplicitAny: kinds of all types in one list
type AnyKind = Kind<any>;

/** `/swaggerapi/`. */
export function swaggerListing(rootPaths: readonly string[], apiVersion: string): Json {
  return {
    swaggerVersion: '1.2',
    apis: rootPaths.map((path) => ({ path, description: `All resources below ${path}.` })),
    apiVersion,
    info: { title: 'kubecfg', description: 'A container cluster in one program.' },
  };
}

/** `/swaggerapi/api/v1`: the kinds of one version. `basePath` is where the server was asked. */
export function swaggerDeclaration(kinds: readonly AnyKind[], rootPath: string, basePath: string): Json {
  const models = Object.entries(new Definitions(kinds, 2).all).map(([name, definition]) => {
    const id = modelName(name);
    return [id, modelOf(id, definition)];
  });
  return {
    swaggerVersion: '1.2',
    apiVersion: kinds[0]?.version ?? '',
    basePath,
    resourcePath: rootPath,
    apis: kinds.flatMap((kind) => pathsOf(kind).map((path) => apiOf(kind, path))),
    models: Object.fromEntries(models),
  };
}

/** `v1.Pod` of `io.k8s.api.core.v1.Pod`. */
const modelName = (definition: string) => definition.split('.').slice(-2).join('.');

function modelOf(id: string, { description, required, properties = {} }: Json): Json {
  const own = Object.entries(properties as Record<string, Json>).map(([name, property]) => [
    name,
    { ...typeOf(property), description: property['description'] },
  ]);
  return { id, description, ...(required !== undefined && { required }), properties: Object.fromEntries(own) };
}

/** Version 1.2 has no maps: they are `any`. */
function typeOf({ $ref, type, format, items, additionalProperties }: Json): Json {
  if (typeof $ref === 'string') return { $ref: modelName($ref) };
  if (type === 'array') return { type, items: typeOf(items as Json) };
  if (additionalProperties) return { type: 'any' };
  return { type, ...(format !== undefined && { format }) };
}

const apiOf = ({ kind }: AnyKind, { path, parameters, operations }: Path): Json => ({
  path,
  description: `API of ${kind}`,
  operations: Object.entries(operations).map(([method, operation]) => operationOf(method, operation, parameters)),
});

function operationOf(method: string, operation: Operation, inPath: readonly Parameter[]): Json {
  const { id, description, answer, body, query, action } = operation;
  const type = answer ? modelName(answer) : 'string';
  return {
    type,
    method: method.toUpperCase(),
    summary: description,
    nickname: id,
    parameters: [
      ...query.map((parameter) => parameterOf(parameter, 'query')),
      ...(body ? [{ type: modelName(body), paramType: 'body', name: 'body', description: '', required: true }] : []),
      ...inPath.map((parameter) => ({ ...parameterOf(parameter, 'path'), required: true })),
    ],
    responseMessages: [{ code: action === 'post' ? 201 : 200, message: 'OK', responseModel: type }],
    produces: [answer ? 'application/json' : 'text/plain'],
    consumes: action === 'patch' ? patchMediaTypes : ['application/json'],
  };
}

const parameterOf = ({ name, type, description }: Parameter, paramType: string): Json => ({
  type,
  paramType,
  name,
  description,
  required: false,
  allowMultiple: false,
});
