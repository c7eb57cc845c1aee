/**
 * The OpenAPI 2 document in protobuf, as gnostic defines it (package openapi.v2): kubectl up to 1.26 reads no other form.
 * First the shape of the messages, as far as our documents use it, then the document poured into that shape.
 */
import { writeMessage } from '../protobuf/message.ts';
import { Writer } from '../protobuf/writer.ts';
import { bool, type Field, list, opt, type StructSchema, str, struct } from '../schema.ts';
import type { Json } from './definitions.ts';

const Any = struct('Any', { yaml: opt(2, str) });
const NamedAny = struct('NamedAny', { name: opt(1, str), value: opt(2, Any) });
const extensions = (number: number) => opt(number, list(NamedAny));

/** Schemas hold schemas: the fields are filled in once there is something to hold. */
const schemaFields: Record<string, Field> = {};
const Schema: StructSchema = { type: 'struct', name: 'Schema', fields: schemaFields, atomic: false };
const NamedSchema = struct('NamedSchema', { name: opt(1, str), value: opt(2, Schema) });
const NamedSchemas = struct('Properties', { additionalProperties: opt(1, list(NamedSchema)) });
Object.assign(schemaFields, {
  ref: opt(1, str),
  format: opt(2, str),
  description: opt(4, str),
  default: opt(5, Any),
  required: opt(19, list(str)),
  additionalProperties: opt(21, struct('AdditionalPropertiesItem', { schema: opt(1, Schema) })),
  type: opt(22, struct('TypeItem', { value: opt(1, list(str)) })),
  items: opt(23, struct('ItemsItem', { schema: opt(1, list(Schema)) })),
  properties: opt(25, NamedSchemas),
  vendorExtension: extensions(31),
});

const BodyParameter = struct('BodyParameter', {
  name: opt(2, str),
  in: opt(3, str),
  required: opt(4, bool),
  schema: opt(5, Schema),
});
const inPathOrQuery = { required: opt(1, bool), in: opt(2, str), description: opt(3, str), name: opt(4, str) };
const NonBodyParameter = struct('NonBodyParameter', {
  query: opt(3, struct('QueryParameterSubSchema', { ...inPathOrQuery, type: opt(6, str) })),
  path: opt(4, struct('PathParameterSubSchema', { ...inPathOrQuery, type: opt(5, str) })),
});
const Parameter = struct('Parameter', { body: opt(1, BodyParameter), nonBody: opt(2, NonBodyParameter) });
const ParametersItem = struct('ParametersItem', { parameter: opt(1, Parameter) });

const Response = struct('Response', {
  description: opt(1, str),
  schema: opt(2, struct('SchemaItem', { schema: opt(1, Schema) })),
});
const ResponseValue = struct('ResponseValue', { response: opt(1, Response) });
const Responses = struct('Responses', {
  responseCode: opt(1, list(struct('NamedResponseValue', { name: opt(1, str), value: opt(2, ResponseValue) }))),
});

const Operation = struct('Operation', {
  tags: opt(1, list(str)),
  description: opt(3, str),
  operationId: opt(5, str),
  produces: opt(6, list(str)),
  consumes: opt(7, list(str)),
  parameters: opt(8, list(ParametersItem)),
  responses: opt(9, Responses),
  vendorExtension: extensions(13),
});
const PathItem = struct('PathItem', {
  get: opt(2, Operation),
  put: opt(3, Operation),
  post: opt(4, Operation),
  delete: opt(5, Operation),
  patch: opt(8, Operation),
  parameters: opt(9, list(ParametersItem)),
});
const NamedPathItem = struct('NamedPathItem', { name: opt(1, str), value: opt(2, PathItem) });
const Document = struct('Document', {
  swagger: opt(1, str),
  info: opt(2, struct('Info', { title: opt(1, str), version: opt(2, str) })),
  paths: opt(8, struct('Paths', { path: opt(2, list(NamedPathItem)) })),
  definitions: opt(9, NamedSchemas),
});

/** `document` is what openApiV2 makes. */
export function gnosticDocument({ swagger, info, paths, definitions }: Json): Buffer {
  const writer = new Writer();
  const message = {
    swagger,
    info,
    paths: { path: named(paths, pathItemOf) },
    definitions: { additionalProperties: named(definitions, schemaOf) },
  };
  writeMessage(Document, message, writer);
  return writer.finish();
}

function named(members: unknown, toValue: (value: Json) => Json) {
  return Object.entries((members ?? {}) as Record<string, Json>).map(([name, value]) => ({
    name,
    value: toValue(value),
  }));
}

/** JSON is YAML. */
const anyOf = (value: unknown) => ({ yaml: JSON.stringify(value) });

const extensionsOf = (object: Json) =>
  Object.entries(object)
    .filter(([name]) => name.startsWith('x-'))
    .map(([name, value]) => ({ name, value: anyOf(value) }));

function schemaOf(schema: Json): Json {
  const { $ref, type, items, properties, additionalProperties, default: byDefault, ...rest } = schema;
  return {
    ...rest,
    ...($ref !== undefined && { ref: $ref }),
    ...(type !== undefined && { type: { value: [type] } }),
    ...(items !== undefined && { items: { schema: [schemaOf(items as Json)] } }),
    ...(properties !== undefined && { properties: { additionalProperties: named(properties, schemaOf) } }),
    ...(additionalProperties !== undefined && {
      additionalProperties: { schema: schemaOf(additionalProperties as Json) },
    }),
    ...(byDefault !== undefined && { default: anyOf(byDefault) }),
    vendorExtension: extensionsOf(schema),
  };
}

function pathItemOf({ parameters, ...operations }: Json): Json {
  const entries = Object.entries(operations).map(([method, operation]) => [method, operationOf(operation as Json)]);
  return { ...Object.fromEntries(entries), parameters: (parameters as Json[]).map(parameterOf) };
}

function operationOf(operation: Json): Json {
  const { parameters, responses } = operation;
  const responseOf = ({ description, schema }: Json) => ({
    response: { description, schema: { schema: schemaOf(schema as Json) } },
  });
  return {
    ...operation,
    parameters: (parameters as Json[]).map(parameterOf),
    responses: { responseCode: named(responses, responseOf) },
    vendorExtension: extensionsOf(operation),
  };
}

function parameterOf(parameter: Json): Json {
  if (parameter['in'] === 'body') {
    return { parameter: { body: { ...parameter, schema: schemaOf(parameter['schema'] as Json) } } };
  }
  return { parameter: { nonBody: { [parameter['in'] as 'path' | 'query']: parameter } } };
}
