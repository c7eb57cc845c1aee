/** Request bodies: bounded, JSON, YAML or protobuf. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Eviction } from '../../api/kinds/eviction.ts';
import { kindOf } from '../../api/kinds/index.ts';
import { Scale } from '../../api/kinds/scale.ts';
import { decodeProtobuf, protobufType } from '../../api/protobuf/index.ts';
import type { PatchType } from '../../api/request.ts';
import type { StructSchema } from '../../api/schema.ts';
import { ApiError, badRequest } from '../../api/status.ts';
import { DeleteOptions } from '../../api/types/meta.ts';
import { patchMediaTypes } from '../../client/paths.ts';
import { unsupportedPatch } from '../verbs/patch.ts';

export function readBody(request: IncomingMessage, response: ServerResponse, bytesMax: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const refuse = () => {
      // What is still to come is not read; the connection cannot be used again.
      response.setHeader('Connection', 'close');
      reject(new ApiError('RequestEntityTooLarge', `Request entity too large: limit is ${bytesMax}`, {}));
    };
    if (Number(request.headers['content-length']) > bytesMax) refuse();
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= bytesMax) chunks.push(chunk);
      else if (!response.headersSent) refuse();
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
  });
}

export const mediaType = (header: string | undefined): string => (header?.split(';', 1)[0] ?? '').trim().toLowerCase();

/** A promise for YAML only: its parser is loaded when first needed. */
export function parseBody(body: Buffer, contentType: string): unknown {
  if (contentType === '' || contentType === 'application/json') return parseJson(body);
  if (contentType === 'application/yaml') return parseYaml(body);
  if (contentType === protobufType) return decodeProtobuf(body, bodySchema);
  throw new ApiError(
    'UnsupportedMediaType',
    'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    {},
  );
}

/** What may come in a body: any kind, what subresources speak of, and the wishes that go with a DELETE. */
function bodySchema(apiVersion: string, kind: string): StructSchema | undefined {
  if (kind === 'DeleteOptions') return DeleteOptions;
  const spoken = [Scale, Eviction].find((other) => other.kind === kind && apiVersion.startsWith(`${other.group}/`));
  return (spoken ?? kindOf(apiVersion, kind))?.schema;
}

export function patchTypeOf(contentType: string): PatchType {
  const type = patchTypes.get(contentType);
  if (type) return type;
  throw unsupportedPatch();
}
const patchTypes = new Map(Object.entries(patchMediaTypes).map(([type, media]) => [media, type as PatchType]));

export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw badRequest(`the body of the request is not JSON: ${(error as Error).message}`);
  }
}

/** YAML by its media type, JSON as most clients write it: that is read a hundred times as fast. */
export function parseApply(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return parseYaml(body);
  }
}

/** YAML takes its parser a hundred times as long as JSON, and nothing else happens meanwhile. */
const yamlBytesMax = 1024 * 1024;

async function parseYaml(body: Buffer): Promise<unknown> {
  if (body.length > yamlBytesMax) {
    throw new ApiError('RequestEntityTooLarge', `Request entity too large: limit of YAML is ${yamlBytesMax}`, {});
  }
  const { parse } = await import('yaml');
  try {
    // The search for keys that come twice compares each with each: minutes for a long map.
    return parse(body.toString(), { uniqueKeys: false });
  } catch (error) {
    throw badRequest(`the body of the request is not YAML: ${(error as Error).message}`);
  }
}
