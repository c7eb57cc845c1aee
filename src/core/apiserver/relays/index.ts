/**
 * Relays: requests that are sent on to nodes, pods and services, and redirects there. Loaded when first asked for.
 * May import: core/async, core/api, core/client, and the rest of this server.
 */
import { methodNotAllowed, noSuchResource } from '../../api/status.ts';
import type { Context } from '../context.ts';
import { type Exchange, isRead } from '../http/exchange.ts';
import type { Relay } from '../http/route.ts';
import { authorityOf, type Backend, urlOf } from './backend.ts';
import { forward, type Relayed } from './forward.ts';
import { Links } from './links.ts';
import { backendOf } from './location.ts';
import { forwardUpgrade } from './upgrade.ts';

/** Rejects as long as no answer has begun. */
export async function serveRelay(context: Context, exchange: Exchange, relay: Relay, closing: AbortSignal) {
  const { request, response, upgrade } = exchange;
  const { rest } = relay;
  const backend = backendOf(context, relay);
  if (relay.form === 'redirect') return redirect(exchange, relay, backend);
  // A relative link on a page at NAME would lead past it. The original did it for all methods in its older form.
  if (rest === '' && !upgrade && (relay.old || isRead(exchange))) return toFolder(exchange);

  // Every part of the way looks whether the reader is still there.
  response.setMaxListeners(20);
  // It may never end by itself.
  const end = () => response.destroy();
  closing.addEventListener('abort', end);
  response.once('close', () => closing.removeEventListener('abort', end));
  const { host = '' } = request.headers;
  const links = new Links(prefixOf(exchange, rest), [host, ...namesOf(backend)]);
  const path = rest || '/';
  const relayed: Relayed = { request, response, backend, path, query: queryOf(exchange), links, clock: context.clock };
  return upgrade ? forwardUpgrade(relayed, upgrade) : forward(relayed);
}

function redirect(exchange: Exchange, { rest }: Relay, backend: Backend): void {
  if (rest !== '' && rest !== '/') throw noSuchResource();
  if (!isRead(exchange)) throw methodNotAllowed();
  exchange.response.writeHead(307, { Location: urlOf(backend), 'Content-Length': 0 }).end();
}

function toFolder({ request, response }: Exchange): void {
  const [path, ...query] = (request.url ?? '').split('?');
  const location = [`${path}/`, ...query].join('?');
  response.writeHead(301, { Location: location, 'Content-Length': 0 }).end();
}

/**
 * The path up to what is asked of the backend, as the client wrote it. One whose namespace stood in the query becomes
 * that of v1: links have no query that could carry it.
 */
function prefixOf({ request, path, dialect }: Exchange, rest: string): string {
  const [asked = '', query] = (request.url ?? '').split('?');
  const whole = dialect && new URLSearchParams(query).has('namespace') ? path : asked;
  return whole.slice(0, whole.length - rest.length);
}

/** As it came; of older versions without what was meant for us. */
function queryOf({ request, query, dialect }: Exchange): string {
  if (dialect) return query.size ? `?${query}` : '';
  const { url = '' } = request;
  const mark = url.indexOf('?');
  return mark < 0 ? '' : url.slice(mark);
}

/** How a page may call its own server; usual ports are left out. */
function namesOf(backend: Backend): string[] {
  const authority = authorityOf(backend);
  const usual = backend.scheme === 'https' ? ':443' : ':80';
  return authority.endsWith(usual) ? [authority, authority.slice(0, -usual.length)] : [authority];
}
