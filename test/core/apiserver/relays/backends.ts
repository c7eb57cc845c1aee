/** Pods, services and nodes whose address is that of a server of the test. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { after } from 'node:test';
import { type Harness, pods } from '../harness.ts';

export interface Backend {
  readonly server: Server;
  readonly port: number;
}

const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

export async function startBackend(listener: RequestListener = () => {}): Promise<Backend> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

/** A pod whose one port, `http`, is the backend's. */
export async function createPod(h: Harness, name: string, port: number, namespace = 'default'): Promise<void> {
  const path = pods.replace('default', namespace);
  const ports = [{ name: 'http', containerPort: port }];
  const spec = { containers: [{ name: 'main', image: 'test', ports }] };
  await h.post(path, { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec });
  await h.merge(`${path}/${name}/status`, { status: { podIP: '127.0.0.1' } });
}

/** The way to a pod through the relay of today. */
export const proxy = (name: string) => `${pods}/${name}/proxy`;

export async function textOf(message: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of message.setEncoding('utf8')) text += chunk;
  return text;
}

/** A connection whose bytes are written by hand; `text` is what came. */
export class RawClient {
  readonly socket: Socket;
  text = '';
  ended = false;
  closed = false;
  #news = () => {};

  /** To a port, or over a connection that the test has made. */
  constructor(to: number | Socket) {
    this.socket = typeof to === 'number' ? connect({ port: to, host: '127.0.0.1', allowHalfOpen: true }) : to;
    this.socket.setEncoding('latin1');
    this.socket.on('data', (text: string) => {
      this.text += text;
      this.#news();
    });
    this.socket.on('end', () => {
      this.ended = true;
      this.#news();
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.closed = true;
      this.#news();
    });
  }

  send(...lines: string[]): void {
    this.socket.write(lines.join('\r\n'), 'latin1');
  }

  /** Resolves when `condition` holds of what came so far. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.closed) throw new Error(`the connection is closed after ${JSON.stringify(this.text)}`);
      await new Promise<void>((resolve) => {
        this.#news = resolve;
      });
    }
  }
}
