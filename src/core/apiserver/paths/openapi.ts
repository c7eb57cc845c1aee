/** /openapi/v2 and /openapi/v3. Documents are made when first asked for, and kept: the kinds never change. */
import { createHash } from 'node:crypto';
import { kinds } from '../../api/kinds/index.ts';
import { ApiError, noSuchResource } from '../../api/status.ts';
import type { Clock } from '../../async/clock.ts';
import type { Discovery } from '../discovery.ts';
import { parseAccept } from '../http/accept.ts';
import type { RawAnswer } from './raw.ts';
import { apiVersionsByGroup } from './resources.ts';

const gnosticType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
/** What clients call it; the @ is no character of media types, so the answer says it differently. */
const gnosticNames = [gnosticType, 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'];

const yearMs = 365 * 24 * 3600 * 1000;
const root = '/openapi/v3';

interface Document {
  readonly bytes: Buffer;
  readonly hash: string;
}

export function addOpenApi(discovery: Discovery, clock: Clock, version: string): void {
  const documents = new Map<string, Promise<Document>>();
  const kept = (name: string, make: () => Promise<Buffer>): Promise<Document> => {
    const document = documents.get(name) ?? make().then((bytes) => ({ bytes, hash: hashOf(bytes) }));
    documents.set(name, document);
    return document;
  };
  const load = () => import('../../api/openapi/index.ts');
  const v2 = () => kept('v2', async () => json((await load()).openApiV2(kinds, version)));
  const v2Protobuf = () =>
    kept('v2 protobuf', async () => (await load()).gnosticDocument(JSON.parse((await v2()).bytes.toString())));
  const v3 = (apiVersion: string) =>
    kept(apiVersion, async () => {
      const served = kinds.filter((kind) => kind.apiVersion === apiVersion);
      return json((await load()).openApiV3(served, version));
    });

  discovery.add('/openapi/v2', async (_path, _query, { accept }) => {
    const protobuf = wantsGnostic(accept);
    const { bytes, hash } = await (protobuf ? v2Protobuf() : v2());
    const contentType = protobuf ? gnosticType : 'application/json';
    return { body: bytes, contentType, etag: hash, headers: { Vary: 'Accept' } };
  });
  discovery.add(root, async () => {
    const entries = [...served].map(async ([path, apiVersion]) => {
      const { hash } = await v3(apiVersion);
      return [path, { serverRelativeURL: urlOf(path, hash) }] as const;
    });
    const body = { paths: Object.fromEntries(await Promise.all(entries)) };
    return { body, etag: hashOf(json(body)) };
  });
  discovery.add(`${root}/`, async (path, query): Promise<RawAnswer> => {
    const name = path.slice(root.length + 1);
    const apiVersion = served.get(name);
    if (apiVersion === undefined) throw noSuchResource();
    const { bytes, hash } = await v3(apiVersion);
    const asked = query.get('hash');
    if (asked !== null && asked !== hash) return { body: '', code: 301, headers: { Location: urlOf(name, hash) } };
    return {
      body: bytes,
      contentType: 'application/json',
      etag: hash,
      headers: { Vary: 'Accept', ...(asked !== null && keptForEver(clock)) },
    };
  });
}

/** `api/v1`, `apis/apps/v1`: the path of each document, and the version it is about. */
const served = new Map<string, string>();
for (const [group, versions] of apiVersionsByGroup) {
  for (const apiVersion of versions) served.set(`${group ? 'apis' : 'api'}/${apiVersion}`, apiVersion);
}

const urlOf = (path: string, hash: string) => `${root}/${path}?hash=${hash}`;

/** Under its hash, a document can only ever be this one. */
const keptForEver = (clock: Clock) => ({
  'Cache-Control': 'public, immutable',
  Expires: new Date(clock.now() + yearMs).toUTCString(),
});

function wantsGnostic(accept: string | undefined): boolean {
  if (!accept) return false;
  for (const { type } of parseAccept(accept)) {
    if (gnosticNames.includes(type)) return true;
    if (['application/json', 'application/*', '*/*'].includes(type)) return false;
  }
  const message = `only the following media types are accepted: application/json, ${gnosticType}`;
  throw new ApiError('NotAcceptable', message, {});
}

const json = (document: object): Buffer => Buffer.from(JSON.stringify(document));
const hashOf = (bytes: Buffer): string => createHash('sha512').update(bytes).digest('hex').toUpperCase();
