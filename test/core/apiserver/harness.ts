/** An API server over a store in memory, spoken to through its real port and in-process. */
import { request as startRequest } from 'node:http';
import { after } from 'node:test';
import { type ApiServer, type ApiServerOptions, createApiServer } from '../../../src/core/apiserver/index.ts';
import { silentLog } from '../../../src/core/async/log.ts';
import { seededRandom } from '../../../src/core/async/random.ts';
import { Client } from '../../../src/core/client/client.ts';
import { openEmbeddedStore, type Store } from '../../../src/core/store/index.ts';
import { type VirtualClock, virtualClock } from '../../helpers/clock.ts';

export interface Answer {
  code: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** The parsed JSON; the tests look into answers of every shape. */
  // biome-ignore lint/suspicious/noExplicitAny: see above
  body: any;
}

export interface CallOptions {
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Harness {
  server: ApiServer;
  store: Store;
  clock: VirtualClock;
  client: Client;
  port: number;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body: unknown): Promise<Answer>;
  put(path: string, body: unknown): Promise<Answer>;
  merge(path: string, body: unknown): Promise<Answer>;
  delete(path: string, body?: unknown): Promise<Answer>;
}

/** Registered here and not in startServer, which hooks may call: an `after` made in a hook ends with the hook. */
const started: (() => Promise<void>)[] = [];
after(async () => {
  for (const stop of started) await stop();
});

export async function startServer(options: Partial<ApiServerOptions> = {}): Promise<Harness> {
  const clock = virtualClock();
  const store = options.store ?? (await openEmbeddedStore({ clock, log: silentLog }));
  const random = seededRandom(1);
  const server = await createApiServer({ store, clock, random, log: silentLog, portalNet: '10.0.0.0/16', ...options });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  started.push(async () => {
    await server.close();
    await store.close();
  });
  const call = (method: string, path: string, how?: CallOptions) => send(port, method, path, how);
  const merge = { 'Content-Type': 'application/merge-patch+json' };
  return {
    server,
    store,
    clock,
    client: new Client(server.transport),
    port,
    call,
    get: (path, headers = {}) => call('GET', path, { headers }),
    post: (path, body) => call('POST', path, { body }),
    put: (path, body) => call('PUT', path, { body }),
    merge: (path, body) => call('PATCH', path, { body, headers: merge }),
    delete: (path, body) => call('DELETE', path, body === undefined ? {} : { body }),
  };
}

/** A store with some of its members replaced: for faults and for counting. */
export function withOverrides(store: Store, overrides: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      const own = overrides[name as keyof Store];
      if (own !== undefined) return own;
      const member = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

export function send(
  port: number,
  method: string,
  path: string,
  { body, headers = {} }: CallOptions = {},
): Promise<Answer> {
  const text = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const type =
      text === undefined
        ? {}
        : // node:http sends no length of its own with a DELETE.
          { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(text)) };
    const request = startRequest(
      { host: '127.0.0.1', port, method, path, headers: { ...type, ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const answer = Buffer.concat(chunks).toString();
          const isJson = response.headers['content-type'] === 'application/json';
          resolve({
            code: response.statusCode ?? 0,
            headers: response.headers,
            text: answer,
            body: isJson && answer && !answer.includes('\n{') ? JSON.parse(answer) : undefined,
          });
        });
      },
    );
    request.on('error', reject);
    request.end(text);
  });
}

/** A watch over HTTP whose events are read one by one. */
export class HttpWatch {
  // biome-ignore lint/suspicious/noExplicitAny: events of every shape
  readonly events: any[] = [];
  ended = false;
  code = 0;
  readonly #abort = new AbortController();
  #news: () => void = () => {};

  constructor(port: number, path: string, headers: Record<string, string> = {}) {
    const options = { host: '127.0.0.1', port, path, headers, agent: false as const, signal: this.#abort.signal };
    let rest = '';
    const request = startRequest(options, (response) => {
      this.code = response.statusCode ?? 0;
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) this.events.push(JSON.parse(line));
        this.#news();
      });
      response.on('close', () => this.#end());
      response.on('error', () => this.#end());
      this.#news();
    });
    request.on('error', () => this.#end());
    request.end();
  }

  /** Resolves when `condition` holds; rejects when the watch ends before. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.ended) throw new Error(`the watch ended with ${JSON.stringify(this.events)}`);
      await new Promise<void>((resolve) => {
        this.#news = resolve;
      });
    }
  }
  /** The headers are here: the server has registered the watch. */
  open(): Promise<void> {
    return this.until(() => this.code !== 0);
  }
  count(n: number): Promise<void> {
    return this.until(() => this.events.length >= n);
  }
  async end(): Promise<void> {
    await this.until(() => this.ended);
  }
  /** `ADDED web@7` */
  get summary(): string[] {
    return this.events.map(({ type, object }) => `${type} ${object.metadata.name ?? ''}`.trim());
  }
  close(): void {
    this.#abort.abort();
  }

  #end(): void {
    this.ended = true;
    this.#news();
  }
}

export const pods = '/api/v1/namespaces/default/pods';

export function podBody(name: string, parts: { labels?: Record<string, string>; nodeName?: string } = {}) {
  const { labels, nodeName } = parts;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...(labels && { labels }) },
    spec: { containers: [{ name: 'main', image: 'test' }], ...(nodeName && { nodeName }) },
  };
}
