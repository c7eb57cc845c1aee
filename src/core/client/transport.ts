/**
 * The Transport contract: how calls reach an API server. HTTP (./http.ts) and in-process (apiserver/local.ts) pass the
 * same suite, test/contract/transport.ts, so everything above works over either.
 */
import type { KubeObject, WatchEvent } from '../api/object.ts';
import type { ApiRequest } from '../api/request.ts';

export interface Transport {
  /** The decoded answer: an object, a list, a Table or a Status. Throws ApiError. Answers may be shared: do not change them. */
  send(request: ApiRequest, signal?: AbortSignal): Promise<unknown>;
  /** Events until the server ends the watch (the iterable ends) or `signal` aborts; an ERROR event throws its ApiError. */
  watch(request: ApiRequest, signal: AbortSignal): AsyncIterable<WatchEvent<KubeObject>>;
  /** A byte stream: pods/log. Throws ApiError before the first byte. */
  stream(request: ApiRequest, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** GET of a path that is not a resource (`/version`): the parsed JSON, or the text. */
  raw(path: string): Promise<unknown>;
  /** GET of such a path, as bytes in pieces, for what may be long. Throws ApiError before the first byte. */
  download(path: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}
