/**
 * Nobody logs in to this port, so web pages must not reach it. A page can be made to send requests to 127.0.0.1 under
 * its own host name (DNS rebinding): the Host header tells. It can also post plain forms to it: the Origin header tells.
 * And it can fetch what needs neither, such as pictures: Sec-Fetch-Site tells.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { ApiError, badRequest } from './status.ts';

/** `loopbackOnly`: the server listens on a loopback address. Elsewhere any address will do, for no name can lie about it. */
export function checkHost({ headers: { host }, httpVersionMinor }: IncomingMessage, loopbackOnly: boolean): void {
  if (host === undefined) {
    if (httpVersionMinor > 0) throw badRequest('the request has no Host header');
  } else if (!isTrusted(hostName(host), loopbackOnly)) {
    throw refuse(`Host ${JSON.stringify(host)} is not an address of this server`);
  }
}

export function checkOrigin(headers: IncomingHttpHeaders, loopbackOnly: boolean): void {
  const { origin } = headers;
  if (origin !== undefined && !isTrusted(hostName(origin.replace(/^https?:\/\//, '')), loopbackOnly)) {
    throw refuse(`requests from pages of ${JSON.stringify(origin)} are not accepted`);
  }
  if (headers['sec-fetch-site'] === 'cross-site' && !isNavigation(headers)) {
    throw refuse('requests from pages of other sites are not accepted');
  }
}

/** Somebody follows a link to us, in a window of his own: the page he comes from does not see what he gets. */
const isNavigation = (headers: IncomingHttpHeaders) =>
  headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';

const isTrusted = (name: string, loopbackOnly: boolean) => isLoopback(name) || (!loopbackOnly && isIP(name) !== 0);

export function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '::1' || (name.startsWith('127.') && isIP(name) === 4);
}

/** Without the port, and without the brackets of IPv6. */
function hostName(host: string): string {
  const bracketed = /^\[([^\]]*)\](:\d+)?$/.exec(host);
  return bracketed ? bracketed[1]! : host.replace(/:\d*$/, '').toLowerCase();
}

const refuse = (why: string) => new ApiError('Forbidden', `forbidden: ${why}`, {});
