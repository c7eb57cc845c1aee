/** Load over keep-alive connections on bare sockets, so that the client costs as little as possible. */
import { connect, type Socket } from 'node:net';

export interface Rate {
  readonly count: number;
  readonly seconds: number;
}

/** Each connection sends what `next` gives, waits for the whole answer, and sends again; undefined ends it. */
export async function load(
  port: number,
  connections: number,
  next: () => Buffer | undefined,
  tookMs?: (ms: number) => void,
): Promise<Rate> {
  const begun = performance.now();
  const counts = await Promise.all(Array.from({ length: connections }, () => converse(port, next, tookMs)));
  return { count: counts.reduce((sum, count) => sum + count, 0), seconds: (performance.now() - begun) / 1000 };
}

function converse(port: number, next: () => Buffer | undefined, tookMs?: (ms: number) => void): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let count = 0;
    let sentAt = 0;
    /** Bytes of the current answer still to come; undefined before its head was seen. */
    let left: number | undefined;
    const send = () => {
      const request = next();
      if (request) {
        sentAt = performance.now();
        socket.write(request);
      } else {
        socket.destroy();
        resolve(count);
      }
    };
    socket.setNoDelay();
    socket.on('error', reject);
    socket.on('connect', send);
    socket.on('data', (chunk) => {
      left = (left ?? answerLength(chunk)) - chunk.length;
      if (left > 0) return;
      left = undefined;
      count++;
      tookMs?.(performance.now() - sentAt);
      send();
    });
  });
}

/** Head and body. The head of an answer comes in one piece on the loopback interface. */
function answerLength(chunk: Buffer): number {
  const head = chunk.subarray(0, chunk.indexOf('\r\n\r\n')).toString('latin1');
  if (!/^HTTP\/1.1 20/.test(head)) throw new Error(chunk.toString().slice(0, 400));
  return head.length + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1]);
}

export function request(method: string, path: string, body = '', headers: Record<string, string> = {}): Buffer {
  const all: Record<string, string> = {
    Host: '127.0.0.1',
    ...(body && { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}

/** Sends the same request until the time is over. */
export function repeat(bytes: Buffer, seconds: number): () => Buffer | undefined {
  const end = performance.now() + seconds * 1000;
  return () => (performance.now() < end ? bytes : undefined);
}

/** Sends one request. */
export function once(bytes: Buffer): () => Buffer | undefined {
  let left = 1;
  return () => (left-- > 0 ? bytes : undefined);
}

/** Opens watches and counts the events that arrive on each of them. */
export async function openWatches(port: number, count: number, path: string) {
  const events: number[] = new Array(count).fill(0);
  let unfinished = 0;
  let wanted = Number.POSITIVE_INFINITY;
  let done = () => {};
  const sockets: Socket[] = [];
  for (let i = 0; i < count; i++) {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    await new Promise((resolve) => {
      socket.once('data', resolve);
      socket.write(request('GET', path));
    });
    socket.on('data', (chunk) => {
      const before = events[i]!;
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1))
        if (chunk[at - 1] === closing) events[i]!++;
      if (before < wanted && events[i]! >= wanted && --unfinished === 0) done();
    });
  }
  return {
    /** Resolves when so many more events have come on every watch. */
    arrived: (n: number) =>
      new Promise<void>((resolve) => {
        events.fill(0);
        [unfinished, wanted, done] = [count, n, resolve];
      }),
    close: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
/** Events end in `}\n`; the lines of chunks and heads in `\r\n`. */
const closing = 0x7d;
