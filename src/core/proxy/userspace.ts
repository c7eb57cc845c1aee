/**
 * Portals without root: one listener on a loopback port per TCP service port, which copies bytes to a backend (the algorithm of
 * kube-proxy 0.17: round robin, dial time-outs of 1, 2, 4 and 8 s, a new backend at each try). Pods cannot reach
 * it; the service's annotation tells users which port to use.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Backend, Portal } from './portals.ts';

const dialTimeoutsMs = [1000, 2000, 4000, 8000];

export class UserspacePortal {
  #portal: Portal;
  #next = 0;
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  constructor(portal: Portal) {
    this.#portal = portal;
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => void this.#serve(client));
  }

  /** The address clients use: `127.0.0.1:40123`. */
  listen(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address();
        resolve(typeof address === 'object' && address ? `${address.address}:${address.port}` : '');
      });
    });
  }

  /** Takes over new backends; open connections keep theirs. */
  update(portal: Portal): void {
    this.#portal = portal;
  }

  close(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #serve(client: Socket): Promise<void> {
    this.#track(client);
    for (const timeout of dialTimeoutsMs) {
      const backend = this.#pick(client.remoteAddress ?? '');
      const upstream = backend && (await dial(backend, timeout));
      if (!upstream) continue;
      this.#track(upstream);
      client.pipe(upstream).pipe(client);
      client.resume();
      return;
    }
    client.destroy();
  }

  #pick(clientAddress: string): Backend | undefined {
    const { backends, clientAffinity } = this.#portal;
    const index = clientAffinity ? hash(clientAddress) : this.#next++;
    return backends[index % Math.max(1, backends.length)];
  }

  #track(socket: Socket): void {
    this.#open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#open.delete(socket));
  }
}

function dial(backend: Backend, timeoutMs: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: backend.ip, port: backend.port, allowHalfOpen: true, timeout: timeoutMs });
    const fail = () => {
      socket.destroy();
      resolve(undefined);
    };
    socket.once('timeout', fail).once('error', fail);
    socket.once('connect', () => {
      socket.removeListener('timeout', fail).removeListener('error', fail).setTimeout(0);
      resolve(socket);
    });
  });
}

/** Any spread will do; the same address must give the same number. */
function hash(text: string): number {
  let h = 0;
  for (let i = 0; i < text.length; i++) h = (Math.imul(h, 31) + text.charCodeAt(i)) >>> 0;
  return h;
}
