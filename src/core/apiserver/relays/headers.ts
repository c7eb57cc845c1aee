/** Headers of requests and answers that are passed on. */
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Links } from './links.ts';

/** They speak of one connection only (RFC 9110 section 7.6.1). */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];
/** Whom our pages let in is not for a pod to say. */
const cors = [
  'access-control-allow-credentials',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-origin',
];

function passedOn({ headersDistinct }: IncomingMessage, except: readonly string[]): OutgoingHttpHeaders {
  const dropped = new Set(except);
  for (const value of headersDistinct['connection'] ?? []) {
    for (const name of value.split(',')) dropped.add(name.trim().toLowerCase());
  }
  const out: OutgoingHttpHeaders = {};
  for (const [name, values] of Object.entries(headersDistinct)) {
    if (values && !dropped.has(name)) out[name] = values.length === 1 ? values[0] : values;
  }
  return out;
}

/** `path` is the one that is asked for behind the relay, without its query. */
export function requestHeaders(request: IncomingMessage, { prefix }: Links, path: string): OutgoingHttpHeaders {
  // Whoever expected `100 Continue` has got it from us.
  const headers = passedOn(request, [...hopByHop, 'expect']);
  const before = request.headers['x-forwarded-for'];
  const from = request.socket.remoteAddress ?? 'unknown';
  headers['x-forwarded-for'] = before ? `${before}, ${from}` : from;
  headers['x-forwarded-uri'] = prefix + path;
  if (request.headers.host) headers['x-forwarded-host'] ??= request.headers.host;
  headers['x-forwarded-proto'] ??= 'encrypted' in request.socket ? 'https' : 'http';
  // The length was said in this way, or the body would have no end.
  if (request.headers['transfer-encoding']) headers['transfer-encoding'] = 'chunked';
  return headers;
}

export function answerHeaders(answer: IncomingMessage, links: Links): OutgoingHttpHeaders {
  const headers = passedOn(answer, [...hopByHop, ...cors]);
  const { location, 'set-cookie': cookies } = answer.headers;
  if (location !== undefined) headers['location'] = links.url(location);
  if (cookies) headers['set-cookie'] = cookies.map((cookie) => links.cookie(cookie));
  return headers;
}
