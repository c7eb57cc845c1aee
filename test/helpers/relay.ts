/** A TCP relay between a client and a server, which can stop forwarding as a broken network does: without a word to either. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export class Relay {
  readonly #sockets = new Set<Socket>();
  #cut = false;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(target: number): Promise<() => void> {
    const server = createServer((client) => {
      const upstream = connect(target, '127.0.0.1');
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        this.#sockets.add(from);
        from.on('data', (bytes) => void to.write(bytes));
        from.on('error', () => {});
        from.on('close', () => {
          this.#sockets.delete(from);
          to.destroy();
        });
        if (this.#cut) from.pause();
      }
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    return () => {
      server.close();
      for (const socket of this.#sockets) socket.destroy();
    };
  }

  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.pause();
  }

  heal(): void {
    this.#cut = false;
    for (const socket of this.#sockets) socket.resume();
  }
}

/** Relays to a port of this host until the test ends. */
export async function startRelay(t: { after(fn: () => void): void }, target: number): Promise<Relay> {
  const relay = new Relay();
  t.after(await relay.start(target));
  return relay;
}
