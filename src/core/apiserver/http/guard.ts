/**
 * Nobody logs in to this port, so web pages must not reach it. A page can be made to send requests to 127.0.0.1 under
 * its own host name (DNS rebinding): the Host header tells. It can also post plain forms to it: the Origin header tells.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { ApiError } from '../../api/status.ts';

/** `loopbackOnly`: the server listens on a loopback address. Elsewhere any address will do, for no name can lie about it. */
export function checkOrigin(headers: IncomingHttpHeaders, loopbackOnly: boolean): void {
  const trusted = loopbackOnly ? isLoopback : (name: string) => isLoopback(name) || isIP(name) !== 0;
  if (headers.host !== undefined && !trusted(hostName(headers.host))) {
    throw refuse(`Host ${JSON.stringify(headers.host)} is not an address of this server`);
  }
  const { origin } = headers;
  if (origin !== undefined && !trusted(hostName(origin.replace(/^https?:\/\//, '')))) {
    throw refuse(`requests from pages of ${JSON.stringify(origin)} are not accepted`);
  }
}

export function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '::1' || (name.startsWith('127.') && isIP(name) === 4);
}

/** Without the port, and without the brackets of IPv6. */
function hostName(host: string): string {
  const bracketed = /^\[([^\]]*)\](:\d+)?$/.exec(host);
  return bracketed ? bracketed[1]! : host.replace(/:\d*$/, '').toLowerCase();
}

const refuse = (why: string) => new ApiError('Forbidden', `forbidden: ${why}`, {});
