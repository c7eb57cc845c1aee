/** Requests to use the connection for something else. Only relays pass them on. */
import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Upgrade } from '../relays/upgrade.ts';
import { type Exchange, exchangeOf } from './exchange.ts';

/** A body would have to be read first, and those who really change over send none. */
export function mayChangeOver({ url = '', headers }: IncomingMessage): boolean {
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  return /\/proxy(\/|\?|$)/.test(url) && !hasBody;
}

/** Until the connection is used for something else, the answer is one as others; none follows it. */
export function upgradeOf(request: IncomingMessage, upgrade: Upgrade): Exchange {
  const { socket } = upgrade;
  const response = new ServerResponse(request);
  response.assignSocket(socket);
  response.shouldKeepAlive = false;
  response.once('finish', () => socket.destroySoon());
  socket.on('error', () => socket.destroy());
  return { ...exchangeOf(request, response), upgrade };
}

/**
 * Once somebody listens for upgrades, node hands over every request that wishes for one and reads no further: all that
 * clients of HTTP/2 send over plain connections (h2c), bodies included. A server may ignore such a wish (RFC 9110
 * section 7.8), so the request is put back without it, and read anew.
 */
export function ignoreUpgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    const kept = name.toLowerCase() === 'connection' ? withoutWish(value) : value;
    if (kept && !wishes.has(name.toLowerCase())) lines.push(`${name}: ${kept}`);
  }
  if (head.length) socket.unshift(head);
  socket.unshift(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
  // The server sets its own again.
  socket.removeAllListeners('timeout');
  server.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket);
}

const wishes = new Set(['upgrade', 'http2-settings']);

const withoutWish = (connection: string): string =>
  connection
    .split(',')
    .map((option) => option.trim())
    .filter((option) => option && !wishes.has(option.toLowerCase()))
    .join(', ');
