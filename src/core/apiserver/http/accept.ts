/** What the client wants to read, from its Accept header. */
import { protobufType } from '../../api/protobuf/index.ts';
import type { RequestOptions } from '../../api/request.ts';
import { ApiError } from '../../api/status.ts';

export type Media = 'json' | 'yaml' | 'protobuf';

export interface Accepted {
  readonly as: RequestOptions['as'];
  readonly media: Media;
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
    'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    {},
  );
}

const plain: Accepted = { as: undefined, media: 'json' };

const medias: Readonly<Record<string, Media>> = {
  '*/*': 'json',
  'application/*': 'json',
  'application/json': 'json',
  'application/yaml': 'yaml',
  [protobufType]: 'protobuf',
};

/** Errors have no form that could fail: JSON, unless protobuf is what an object would have come in. */
export function prefersProtobuf(header: string | undefined): boolean {
  return header?.includes(protobufType) === true && bestOf(header, 'one')?.media === 'protobuf';
}

function bestOf(header: string, target: Target): Accepted | undefined {
  for (const { type, parameters } of parseAccept(header)) {
    const media = Object.hasOwn(medias, type) ? medias[type] : undefined;
    if (!media) continue;
    const { as } = parameters;
    if (!as) return { as: undefined, media };
    if (parameters['g'] !== 'meta.k8s.io') continue;
    const { v } = parameters;
    // Rows hold cells of any type, for which the original has no message.
    if (as === 'Table' && media !== 'protobuf' && (v === 'v1' || v === 'v1beta1')) return { as: 'Table', media };
    const wanted = target === 'list' ? 'PartialObjectMetadataList' : 'PartialObjectMetadata';
    if (as === wanted && v === 'v1') return { as: 'PartialObjectMetadata', media };
  }
  return undefined;
}

/** The entries, best first. The order of the header decides between equal weights; sort() keeps it. */
export function parseAccept(header: string) {
  return header
    .split(',')
    .map(parseEntry)
    .sort((a, b) => b.weight - a.weight);
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
