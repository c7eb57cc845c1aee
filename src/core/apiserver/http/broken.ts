/** What comes in and is no HTTP still gets an answer that says so. */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { ApiError, badRequest } from '../../api/status.ts';

/** The Status of an error of node's HTTP parser; undefined when nobody is left to read it. */
export function brokenRequest({ code = '', message }: NodeJS.ErrnoException): ApiError | undefined {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return tooSlow('the head of the request did not arrive in time');
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new ApiError('BadRequest', 'the head of the request is too long', undefined, 431);
  }
  return code.startsWith('HPE_') ? badRequest(`the request is not HTTP/1.1: ${message}`) : undefined;
}

export const tooSlow = (message: string): ApiError => new ApiError('Timeout', message, undefined, 408);

/** An answer without a request that it belongs to; ends the connection. */
export function answerBroken(socket: Duplex, { status, code }: ApiError): void {
  const body = JSON.stringify(status);
  const head = [
    `HTTP/1.1 ${code} ${STATUS_CODES[code]}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
