/** Answers and errors become HTTP responses. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { protobufType } from '../../api/protobuf/index.ts';
import type { ApiError } from '../../api/status.ts';
import type { Answer } from '../answer.ts';
import type { Dialect } from '../dialect.ts';
import { type Bytes, bytesOfOne } from '../items.ts';
import { isPieces, type RawAnswer } from '../paths/raw.ts';
import { protobufOf, statusProtobuf } from '../protobuf.ts';
import { bytesOf, objectOf, type View } from '../render.ts';
import { type Media, prefersProtobuf } from './accept.ts';
import type { Exchange } from './exchange.ts';
import { isCompressed, sendCompressed } from './gzip.ts';

const json = 'application/json';

export interface Form extends View {
  readonly media: Media;
  readonly pretty: boolean;
}

export function sendAnswer(response: ServerResponse, made: Answer, form: Form, now: number): void | Promise<void> {
  // Tables are the same in every version.
  const answer = form.dialect && !form.as ? form.dialect.answer(made) : made;
  const { code, warnings } = answer;
  if (form.media === 'yaml') return sendYaml(response, code, objectOf(answer, form, now), warnings);
  if (form.media === 'protobuf') {
    return send(response, code, protobufType, bytesOfOne(protobufOf(answer, form)), warnings);
  }
  const bytes = bytesOf(answer, form, now);
  send(response, code, json, form.pretty ? indent(Buffer.concat([...bytes.pieces]).toString()) : bytes, warnings);
}

/** `dialect`: of the version that was asked. The older ones wrote for people unless told otherwise. */
export function sendError(
  { request, response, query }: Exchange,
  error: ApiError,
  dialect?: Pick<Dialect, 'error'>,
): void {
  const { retryAfterSeconds } = error.status.details ?? {};
  if (retryAfterSeconds) response.setHeader('Retry-After', retryAfterSeconds);
  if (!dialect && prefersProtobuf(request.headers.accept)) {
    send(response, error.code, protobufType, bytesOfOne(statusProtobuf(error.status)));
    return;
  }
  const pretty = dialect !== undefined || isPretty(request, query);
  const text = JSON.stringify(dialect ? dialect.error(error.status) : error.status);
  send(response, error.code, json, pretty ? indent(text) : bytesOfOne(Buffer.from(text)));
}

export function sendRaw({ request, response, query }: Exchange, answer: RawAnswer): void | Promise<void> {
  const { body, code = 200, contentType, etag, headers = {} } = answer;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (etag) {
    response.setHeader('ETag', `"${etag}"`);
    if (isKnown(etag, request.headers['if-none-match'])) {
      response.writeHead(304).end();
      return;
    }
  }
  if (typeof body === 'string' || body instanceof Uint8Array) {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body);
    send(response, code, contentType ?? 'text/plain; charset=utf-8', bytesOfOne(bytes));
    return;
  }
  if (isPieces(body)) {
    response.writeHead(code, { ...(contentType && { 'Content-Type': contentType }), 'Cache-Control': 'no-store' });
    return pipeline(Readable.from(request.method === 'HEAD' ? [] : body), response);
  }
  const text = JSON.stringify(body);
  send(response, code, contentType ?? json, isPretty(request, query) ? indent(text) : bytesOfOne(Buffer.from(text)));
}

/** RFC 9110 section 13.1.2; marks of weakness do not matter to GET. */
const isKnown = (etag: string, header: string | undefined): boolean =>
  header?.split(',').some((entry) => [`"${etag}"`, `W/"${etag}"`, '*'].includes(entry.trim())) ?? false;

async function sendYaml(response: ServerResponse, code: number, object: unknown, warnings: readonly string[]) {
  const { stringify } = await import('yaml');
  const text = stringify(object, { aliasDuplicateObjects: false, lineWidth: 0 });
  send(response, code, 'application/yaml', bytesOfOne(Buffer.from(text)), warnings);
}

function send(
  response: ServerResponse,
  code: number,
  contentType: string,
  { length, pieces }: Bytes,
  warnings: readonly string[] = [],
): void {
  if (warnings.length) response.setHeader('Warning', warnings.map(warningHeader));
  const caching = response.getHeader('Cache-Control') ?? 'no-cache, private';
  if (isCompressed(response, length)) {
    response.appendHeader('Vary', 'Accept-Encoding');
    response.writeHead(code, { 'Content-Type': contentType, 'Content-Encoding': 'gzip', 'Cache-Control': caching });
    void sendCompressed(response, pieces);
    return;
  }
  response.writeHead(code, {
    'Content-Type': contentType,
    'Content-Length': length,
    'Cache-Control': caching,
  });
  if (length > sentAtOnceMax) void sendSlowly(response, pieces);
  else sendAtOnce(response, pieces);
}

function sendAtOnce(response: ServerResponse, pieces: Iterable<Buffer>): void {
  const all = [...pieces];
  if (all.length > 1) response.cork();
  const last = all.pop();
  for (const piece of all) response.write(piece);
  response.end(last);
}

/** What would fill the memory is no faster than the client reads. */
async function sendSlowly(response: ServerResponse, pieces: Iterable<Buffer>): Promise<void> {
  try {
    await pipeline(Readable.from(pieces), response);
  } catch {
    // The client went away; there is nobody to tell.
    response.destroy();
  }
}

const sentAtOnceMax = 32 * 1024 * 1024;

/** RFC 7234 section 5.5, as kubectl reads it. */
const warningHeader = (text: string) => `299 - "${text.replace(/["\\]/g, '\\$&').replace(/[^\x20-\x7e]/g, '?')}"`;

const indent = (text: string) => bytesOfOne(Buffer.from(`${JSON.stringify(JSON.parse(text), null, 2)}\n`));

/** People read what these fetch (kube-apiserver does the same). */
export function isPretty(request: IncomingMessage, query: URLSearchParams): boolean {
  const asked = query.get('pretty');
  if (asked !== null) return asked !== 'false' && asked !== '0';
  return /^(curl|Wget|Mozilla)/.test(request.headers['user-agent'] ?? '');
}
