/** What is answered at a path that is no resource. */
import type { IncomingHttpHeaders } from 'node:http';

export interface RawAnswer {
  /** JSON, unless it is a text or bytes. */
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
