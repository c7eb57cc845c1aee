/** What stands behind a relay, and a request to it. */
import { type ClientRequest, type OutgoingHttpHeaders, request as startHttp } from 'node:http';
import { request as startHttps } from 'node:https';
import { ApiError } from '../../api/status.ts';
import type { Clock } from '../../async/clock.ts';

export interface Backend {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  /** For a backend that we know, and that has to know us; others are called without either. */
  readonly identity?: Identity | undefined;
}

/** PEM. */
export interface Identity {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** As it stands in URLs, whose IPv6 addresses are in brackets. */
export const authorityOf = ({ host, port }: Backend) => `${host.includes(':') ? `[${host}]` : host}:${port}`;
export const urlOf = (backend: Backend) => `${backend.scheme}://${authorityOf(backend)}`;

export interface Call {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
}

/** Nobody who could answer takes longer to be reached (kubelet_timeout of kube-apiserver). */
const connectWithinMs = 5000;

/** On a connection of its own: one that had been kept might end under the request. */
export function callBackend(backend: Backend, call: Call, clock: Clock): ClientRequest {
  const { scheme, host, port, identity } = backend;
  const tls = identity
    ? { ca: identity.ca, cert: identity.certificate, key: identity.key }
    : // Certificates of pods are made for names, and are called by addresses.
      { rejectUnauthorized: false };
  const options = { ...call, host, port, agent: false as const, ...tls };
  const request = scheme === 'https' ? startHttps(options) : startHttp(options);
  request.once('socket', (socket) => {
    socket.setNoDelay(true);
    if (!socket.connecting) return;
    const late = () => request.destroy(new Error(`no connection within ${connectWithinMs / 1000} s`));
    const timer = clock.after(connectWithinMs, late);
    socket.once('connect', () => timer.cancel());
    socket.once('close', () => timer.cancel());
  });
  return request;
}

/** In the words of the original, which were a plain text. */
export function unreachable(backend: Backend, path: string, error: Error): ApiError {
  const message = `Error: '${error.message}'\nTrying to reach: '${urlOf(backend)}${path}'`;
  return new ApiError('ServiceUnavailable', message);
}
