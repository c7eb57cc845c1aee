/** One request to the backend and its answer back, both as they come, at the pace of whoever reads. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Clock } from '../../async/clock.ts';
import { type Backend, callBackend, unreachable } from './backend.ts';
import { answerHeaders, requestHeaders } from './headers.ts';
import { LinkRewriter } from './html.ts';
import type { Links } from './links.ts';

export interface Relayed {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly backend: Backend;
  /** What the backend is asked for. */
  readonly path: string;
  /** With its `?`, or ''. */
  readonly query: string;
  readonly links: Links;
  readonly clock: Clock;
}

/** Resolves when the answer has begun; rejects as long as it has not. Each side that leaves ends the other. */
export function forward({ request, response, backend, path, query, links, clock }: Relayed): Promise<void> {
  return new Promise((resolve, reject) => {
    const { method = 'GET' } = request;
    const headers = requestHeaders(request, links, path);
    const call = callBackend(backend, { method, path: path + query, headers }, clock);
    const fail = (error: Error) => reject(unreachable(backend, path + query, error));
    // Once the answer has begun, what is wrong shows in the answer.
    call.on('error', fail);
    call.on('response', (answer) => {
      try {
        sendOn(answer, response, links);
        resolve();
      } catch (error) {
        answer.destroy();
        fail(error as Error);
      }
    });
    // Whoever has answered need not read the rest; it is in the way of the next request on this connection.
    call.on('close', () => request.resume());
    response.on('close', () => call.destroy());
    request.pipe(call);
  });
}

function sendOn(answer: IncomingMessage, response: ServerResponse, links: Links): void {
  const headers = answerHeaders(answer, links);
  const rewriters = rewritersOf(answer, links);
  if (rewriters.length) {
    delete headers['content-length'];
    delete headers['content-encoding'];
  }
  response.writeHead(answer.statusCode ?? 0, answer.statusMessage, headers);
  // The first byte may be long in coming.
  response.flushHeaders();
  pipeline([answer, ...rewriters, response], (error) => {
    // An end that is cut off is how half an answer tells.
    if (error) response.destroy();
  });
}

/** What turns the answer into one whose links lead through the relay; nothing for answers without links. */
function rewritersOf({ headers, statusCode }: IncomingMessage, links: Links): Transform[] {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  // A part of a page has no place for longer links, and the original left pages that lead elsewhere alone.
  if (type.trim().toLowerCase() !== 'text/html' || statusCode === 206 || headers.location !== undefined) return [];
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  const decoders = Object.hasOwn(decodersOf, encoding) ? decodersOf[encoding]!() : undefined;
  return decoders ? [...decoders, new LinkRewriter((url) => links.url(url))] : [];
}

/** A page that is rewritten goes on without its encoding. */
const decodersOf: Readonly<Record<string, () => Transform[]>> = {
  identity: () => [],
  gzip: () => [createGunzip()],
  'x-gzip': () => [createGunzip()],
  deflate: () => [createInflate()],
  br: () => [createBrotliDecompress()],
};
