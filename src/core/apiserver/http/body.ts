/** Request bodies: bounded, JSON or YAML. */
import type { IncomingMessage } from 'node:http';
import type { PatchType, RequestOptions } from '../../api/request.ts';
import { ApiError, badRequest, invalid } from '../../api/status.ts';
import { notSupported } from '../../api/validation/errors.ts';
import { patchMediaTypes } from '../../client/paths.ts';
import { unsupportedPatch } from '../verbs/update.ts';
import { dryRun } from './query.ts';

/** Calls back in the turn in which the last byte came, so that writes of one turn stay together. */
export function readBody(
  request: IncomingMessage,
  bytesMax: number,
  done: (error?: ApiError, body?: Buffer) => void,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  if (Number(request.headers['content-length']) > bytesMax) {
    done(tooLarge(bytesMax));
    return;
  }
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= bytesMax) chunks.push(chunk);
    else if (length - chunk.length <= bytesMax) done(tooLarge(bytesMax));
  });
  request.on('end', () => {
    if (length <= bytesMax) done(undefined, chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
  });
}

const tooLarge = (bytesMax: number) =>
  new ApiError('RequestEntityTooLarge', `Request entity too large: limit is ${bytesMax}`, {});

export const mediaType = (header: string | undefined): string => (header?.split(';', 1)[0] ?? '').trim().toLowerCase();

/** A promise for YAML only: its parser is loaded when first needed. */
export function parseBody(body: Buffer, contentType: string): unknown {
  if (contentType === '' || contentType === 'application/json') return parseJson(body);
  if (contentType === 'application/yaml') return parseYaml(body);
  throw new ApiError(
    'UnsupportedMediaType',
    'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml',
    {},
  );
}

export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw badRequest(`the body of the request is not JSON: ${(error as Error).message}`);
  }
}

async function parseYaml(body: Buffer): Promise<unknown> {
  const { parse } = await import('yaml');
  try {
    return parse(body.toString());
  } catch (error) {
    throw badRequest(`the body of the request is not YAML: ${(error as Error).message}`);
  }
}

export function patchTypeOf(contentType: string): PatchType {
  if (contentType === patchMediaTypes.merge) return 'merge';
  throw unsupportedPatch();
}

/** The options of a DELETE that stand in its body. */
export function deleteOptionsOf(body: unknown): RequestOptions {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw badRequest('DeleteOptions must be an object');
  const asked = body as Record<string, unknown>;
  if (asked['kind'] !== undefined && asked['kind'] !== 'DeleteOptions') {
    throw badRequest(`a DELETE takes DeleteOptions, not ${asked['kind']}`);
  }
  const { gracePeriodSeconds, propagationPolicy: policy, preconditions, dryRun: dry } = asked;
  if (gracePeriodSeconds !== undefined && gracePeriodSeconds !== null && !Number.isInteger(gracePeriodSeconds)) {
    throw badRequest('DeleteOptions.gracePeriodSeconds must be a whole number');
  }
  checkPolicy(policy);
  return {
    ...(Number.isInteger(gracePeriodSeconds) && { gracePeriodSeconds: gracePeriodSeconds as number }),
    ...(policy ? { propagationPolicy: policy as NonNullable<RequestOptions['propagationPolicy']> } : {}),
    ...(preconditions ? { preconditions } : {}),
    ...(Array.isArray(dry) && { dryRun: dryRun(dry) }),
  };
}

const policies = ['Foreground', 'Background', 'Orphan'];

export function checkPolicy(policy: unknown): void {
  if (policy === undefined || policy === null || policies.includes(policy as string)) return;
  const error = notSupported('propagationPolicy', policy, [...policies, 'nil']);
  throw invalid('DeleteOptions', 'meta.k8s.io', '', [error]);
}
