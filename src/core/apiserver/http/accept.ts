/** What the client wants to read, from its Accept header. */
import type { RequestOptions } from '../../api/request.ts';
import { ApiError } from '../../api/status.ts';

export interface Accepted {
  readonly as: RequestOptions['as'];
  readonly yaml: boolean;
}
/** A list of metadata is asked for by another name than the metadata of one object. */
export type Target = 'one' | 'list' | 'watch';

/** Clients send the same few headers again and again. */
const remembered = new Map<string, Accepted | undefined>();
const rememberedMax = 200;

export function negotiate(header: string | undefined, target: Target): Accepted {
  if (!header || header === '*/*' || header === 'application/json') return plain;
  const key = `${target} ${header}`;
  let accepted = remembered.get(key);
  if (!accepted && !remembered.has(key)) {
    if (remembered.size >= rememberedMax) remembered.clear();
    accepted = bestOf(header, target);
    remembered.set(key, accepted);
  }
  if (accepted) return accepted;
  throw new ApiError(
    'NotAcceptable',
    'only the following media types are accepted: application/json, application/yaml',
    {},
  );
}

const plain: Accepted = { as: undefined, yaml: false };

function bestOf(header: string, target: Target): Accepted | undefined {
  const entries = header.split(',').map(parseEntry);
  // The order of the header decides between equal weights; sort() keeps it.
  for (const { type, parameters } of entries.sort((a, b) => b.weight - a.weight)) {
    const yaml = type === 'application/yaml';
    if (!yaml && type !== 'application/json' && type !== '*/*' && type !== 'application/*') continue;
    const { as } = parameters;
    if (!as) return { as: undefined, yaml };
    if (parameters['g'] !== 'meta.k8s.io') continue;
    const { v } = parameters;
    if (as === 'Table' && (v === 'v1' || v === 'v1beta1')) return { as: 'Table', yaml };
    const wanted = target === 'list' ? 'PartialObjectMetadataList' : 'PartialObjectMetadata';
    if (as === wanted && v === 'v1') return { as: 'PartialObjectMetadata', yaml };
  }
  return undefined;
}

function parseEntry(text: string) {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim());
  const parameters: Record<string, string> = {};
  for (const parameter of rest) {
    const [name = '', value = ''] = parameter.split('=', 2);
    parameters[name] = value;
  }
  return { type, parameters, weight: parameters['q'] === undefined ? 1 : Number(parameters['q']) || 0 };
}
