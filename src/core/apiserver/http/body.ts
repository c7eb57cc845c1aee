/** Request bodies: bounded, JSON, YAML or protobuf. */
import type { IncomingMessage } from 'node:http';
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
import { checkJsonShape, checkShape, checkYamlSize } from './shape.ts';

/** All bodies on their way may take as much memory as this many of the longest. */
const longestAtOnce = 64;

/** Reads bodies into memory, each and all of them together bounded. */
export class Bodies {
  readonly #bytesMax: number;
  /** Of bodies that are not complete. */
  #waiting = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  async read(request: IncomingMessage): Promise<Buffer> {
    if (Number(request.headers['content-length']) > this.#bytesMax) throw tooLong(this.#bytesMax);
    const chunks: Buffer[] = [];
    let length = 0;
    try {
      await new Promise<void>((resolve, reject) => {
        request.on('data', (chunk: Buffer) => {
          length += chunk.length;
          this.#waiting += chunk.length;
          if (length > this.#bytesMax) reject(tooLong(this.#bytesMax));
          else if (this.#waiting > longestAtOnce * this.#bytesMax) reject(tooBusy());
          else chunks.push(chunk);
        });
        request.on('end', resolve);
        request.on('close', () => reject(badRequest('the body of the request ended early')));
      });
    } finally {
      request.removeAllListeners('data');
      this.#waiting -= length;
    }
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  }
}

/**
 * What still comes of the body of a request that was refused is not kept. Much of it ends the connection, but not before:
 * a connection that ends while its client is writing takes the answer with it.
 */
export function discardBody(request: IncomingMessage, bytesMax: number): void {
  if (request.complete) return;
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > 4 * bytesMax) request.destroy();
  });
}

const tooLong = (bytesMax: number, what = '') =>
  new ApiError('RequestEntityTooLarge', `Request entity too large: limit${what} is ${bytesMax}`, {});
const tooBusy = () =>
  new ApiError('TooManyRequests', 'too many long bodies at the same time, please try again later', {
    retryAfterSeconds: 1,
  });

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
  checkJsonShape(body);
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw badRequest(`the body of the request is not JSON: ${(error as Error).message}`);
  }
}

/** YAML by its media type, JSON as most clients write it: that is read a hundred times as fast. */
export function parseJsonOrYaml(body: Buffer): unknown {
  let document: unknown;
  try {
    document = JSON.parse(body.toString());
  } catch {
    return parseYaml(body);
  }
  checkJsonShape(body);
  return document;
}

/** YAML takes its parser a hundred times as long as JSON, and nothing else happens meanwhile. */
const yamlBytesMax = 1024 * 1024;

async function parseYaml(body: Buffer): Promise<unknown> {
  if (body.length > yamlBytesMax) throw tooLong(yamlBytesMax, ' of YAML');
  checkYamlSize(body);
  const { parseYamlText } = await import('./yaml.ts');
  const document = await parseYamlText(body.toString());
  checkShape(document);
  return document;
}
