/** One request and its response. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dialect } from '../dialect.ts';
import type { Upgrade } from '../relays/upgrade.ts';
import { negotiate, type Target } from './accept.ts';
import { type Form, isPretty } from './respond.ts';
import type { Route } from './route.ts';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Of requests in a version before v1. */
  readonly dialect?: Dialect;
  /** For the metrics, which come last. */
  readonly begun: number;
  route: Route | undefined;
  /** Of requests that ask to use the connection for something else. */
  readonly upgrade?: Upgrade;
}

/** Shared by all requests without one. */
const noQuery = new URLSearchParams();

export function exchangeOf(request: IncomingMessage, response: ServerResponse): Exchange {
  const url = request.url ?? '/';
  const begun = performance.now();
  const mark = url.indexOf('?');
  // Every member is there from the start: objects that grow one later are slower to read.
  if (mark < 0) return { request, response, path: url, query: noQuery, begun, route: undefined };
  return {
    request,
    response,
    path: url.slice(0, mark),
    query: new URLSearchParams(url.slice(mark + 1)),
    begun,
    route: undefined,
  };
}

export const isRead = ({ request: { method } }: Exchange): boolean => method === 'GET' || method === 'HEAD';

/** The form of a good answer; throws NotAcceptable when there is none the client would take. */
export function formOf({ request, query, dialect }: Exchange, target: Target): Form {
  const { as, media } = negotiate(request.headers.accept, target);
  const includeObject = query.get('includeObject') as NonNullable<Form['includeObject']> | null;
  return {
    as,
    // Protobuf came with v1.
    media: dialect && media === 'protobuf' ? 'json' : media,
    pretty: isPretty(request, query),
    ...(includeObject && { includeObject }),
    ...(dialect && { dialect }),
  };
}
