/** An answered request becomes figures of /metrics. */
import { isTrue } from '../../client/query.ts';
import type { Context } from '../context.ts';
import { type Exchange, isRead } from './exchange.ts';

export function record({ metrics }: Context, exchange: Exchange): void {
  const { route, response, begun } = exchange;
  const verb = verbOf(exchange);
  const streams = verb === 'WATCH' || verb === 'CONNECT' || route?.subresource === 'log';
  const seconds = streams ? undefined : (performance.now() - begun) / 1000;
  metrics.requests.record(verb, route?.kind.plural ?? '', route?.subresource ?? '', response.statusCode, seconds);
}

/** As Kubernetes names them here: the method, unless there is a better word. */
function verbOf(exchange: Exchange): string {
  const { request, route, query } = exchange;
  if (route?.relay) return 'CONNECT';
  const onCollection = route !== undefined && route.name === undefined;
  if (isRead(exchange)) {
    if (route?.watch || (route && query.size > 0 && isTrue(query.get('watch') ?? 'false'))) return 'WATCH';
    return onCollection ? 'LIST' : 'GET';
  }
  const { method = '' } = request;
  if (method === 'DELETE' && onCollection) return 'DELETECOLLECTION';
  return known.has(method) ? method : 'OTHER';
}

/** Anyone can make up methods, but not series. */
const known = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
