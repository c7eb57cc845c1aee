/** The part of node:http that every connection meets first: what it may send, and how long that may take. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { methodNotAllowed } from '../../api/status.ts';
import { answerBroken } from './broken.ts';
import type { HttpLimits } from './limits.ts';
import { ignoreUpgrade, mayChangeOver } from './upgrade.ts';

/** Longer than clients and proxies keep an idle connection, so that they close it, never we under their request. */
const keepAliveMs = 75_000;
/** Request line and headers together; long selectors need some. */
const headBytesMax = 128 * 1024;

export interface Receivers {
  readonly request: RequestListener;
  /** The client wants to use the connection for something else, and a relay may take it there. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void;
  /** The connection has brought something that is no HTTP, or nothing for too long. */
  broken(error: NodeJS.ErrnoException, socket: Duplex): void;
}

/** All in PEM. */
export interface Certificates {
  /** Who may speak for users. */
  ca: string;
  /** The server's own. */
  certificate: string;
  key: string;
}

/** With certificates it speaks TLS; clients without one come in, too, and are nobody. */
export function createListener(
  limits: HttpLimits,
  { request, upgrade, broken }: Receivers,
  tls?: Certificates,
): Server {
  const { headMs, silenceMs, requestsMax, longAnswersMax } = limits;
  const options = {
    keepAliveTimeout: keepAliveMs,
    maxHeaderSize: headBytesMax,
    headersTimeout: headMs,
    connectionsCheckingInterval: headMs / 4,
    // How long all of a request may take is up to InFlight: to a relay one may be sending for hours.
    requestTimeout: 0,
    // checkHost tells what is wrong.
    requireHostHeader: false,
  };
  const server = tls ? createTlsServer({ ...options, ...tlsOptions(tls) }, request) : createServer(options, request);
  server.maxConnections = requestsMax + longAnswersMax;
  server.setTimeout(silenceMs);
  // Expectations that nobody knows may be left out of account (RFC 9110 section 10.1.1).
  server.on('checkExpectation', request);
  server.on('connect', (_request, socket) => answerBroken(socket, methodNotAllowed()));
  server.on('upgrade', (message, socket, head) => {
    if (mayChangeOver(message)) upgrade(message, socket as Socket, head);
    else ignoreUpgrade(server, message, socket, head);
  });
  server.on('clientError', broken);
  return server;
}

function tlsOptions({ ca, certificate, key }: Certificates) {
  return { ca, cert: certificate, key, requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.2' as const };
}
