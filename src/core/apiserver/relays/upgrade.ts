/** A connection that both sides agree to use for something else, such as WebSocket: bytes are passed on, whatever they are. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { callBackend, unreachable } from './backend.ts';
import type { Relayed } from './forward.ts';
import { answerHeaders, requestHeaders } from './headers.ts';
import type { Links } from './links.ts';

/** What the client has sent behind its request. */
export interface Upgrade {
  readonly socket: Socket;
  readonly head: Buffer;
}

/** Resolves when the backend has agreed or refused; rejects when it cannot be asked. */
export function forwardUpgrade(relayed: Relayed, { socket, head }: Upgrade): Promise<void> {
  const { request, response, backend, path, query, links, clock } = relayed;
  return new Promise((resolve, reject) => {
    const { method = 'GET' } = request;
    const { upgrade } = request.headers;
    const headers = { ...requestHeaders(request, links, path), connection: 'Upgrade', upgrade };
    const call = callBackend(backend, { method, path: path + query, headers }, clock);
    call.on('error', (error) => reject(unreachable(backend, path + query, error)));
    call.on('upgrade', (answer, behind, early) => {
      // For the figures of this request; what is sent is below.
      response.statusCode = 101;
      socket.write(
        headOf(answer, links, ['Connection: Upgrade', `Upgrade: ${answer.headers.upgrade ?? upgrade}`]),
        'latin1',
      );
      join(socket, behind, head, early);
      resolve();
    });
    call.on('response', (answer) => {
      response.statusCode = answer.statusCode ?? 0;
      socket.write(headOf(answer, links, ['Connection: close']), 'latin1');
      answer.on('error', () => socket.destroy());
      answer.pipe(socket);
      resolve();
    });
    socket.on('close', () => call.destroy());
    call.end();
  });
}

/** Written by hand, since the connection is no longer one of HTTP to node. */
function headOf(answer: IncomingMessage, links: Links, last: readonly string[]): string {
  const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`];
  for (const [name, values] of Object.entries(answerHeaders(answer, links))) {
    for (const value of [values].flat()) lines.push(`${name}: ${value}`);
  }
  return `${[...lines, ...last].join('\r\n')}\r\n\r\n`;
}

/** Each may end its half and go on reading; whoever breaks off does so to the other. */
function join(client: Socket, backend: Socket, ...[fromClient, fromBackend]: readonly [Buffer, Buffer]): void {
  for (const [from, to, early] of [
    [client, backend, fromClient],
    [backend, client, fromBackend],
  ] as const) {
    from.allowHalfOpen = true;
    from.setTimeout(0);
    from.setNoDelay(true);
    from.on('error', () => breakOff(to));
    from.on('close', () => to.destroySoon());
    if (early.length) to.write(early);
    from.pipe(to);
  }
}

/** TLS knows no reset. */
function breakOff(socket: Socket): void {
  if ('encrypted' in socket) socket.destroy();
  else socket.resetAndDestroy();
}
