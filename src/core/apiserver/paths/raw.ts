/** What is answered at a path that is no resource. */
import type { IncomingHttpHeaders } from 'node:http';

export interface RawAnswer {
  /** JSON, unless it is a text, bytes, or a generator of bytes for what is long. */
  readonly body: unknown;
  /** 200 unless given. */
  readonly code?: number;
  readonly contentType?: string;
  /** Whoever names it in If-None-Match has the answer already. */
  readonly etag?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
export type RawPath = (
  path: string,
  query: URLSearchParams,
  headers: IncomingHttpHeaders,
) => RawAnswer | Promise<RawAnswer>;

/** A request for a service of its own methods and errors. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  body(): Promise<Buffer>;
}
export type RawService = (request: RawRequest) => Promise<RawAnswer>;

export const isPieces = (body: unknown): body is Generator<Buffer> =>
  typeof (body as Partial<Generator> | undefined)?.next === 'function';
