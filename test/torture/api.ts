/** The few requests that torture needs, on node:http alone: our own client would hide and mend what has to be seen. */
import { Agent, type IncomingMessage, request as startRequest } from 'node:http';
import { createInterface } from 'node:readline';
import { type Connection, colorOf, type Item, type Seen, type Selection } from './history.ts';

/** The request never reached a server, so it has done nothing. */
export class NotSentError extends Error {}

export interface Answer {
  code: number;
  // biome-ignore lint/suspicious/noExplicitAny: objects, lists and Status alike
  body: any;
}

/** What a stream and its caller know of each other. */
export interface Stream {
  server: string;
  selection: Selection;
  after: number | undefined;
  timeoutSeconds: number;
  /** Cuts it. */
  signal: AbortSignal;
  seen(entry: Seen): void;
}

/** Where requests go. Tests put one between that tells lies. */
export interface Api {
  call(server: string, method: string, path: string, body?: unknown): Promise<Answer>;
  watch(stream: Stream): Promise<Connection['end']>;
  close(): void;
}

const requestTimeoutMs = 15_000;
/** Longer than any watch that is asked for: a server that is stopped but not gone does not end its streams. */
const silenceMs = 15_000;

export function httpApi(): Api {
  const agent = new Agent({ keepAlive: true });
  const send = (method: string, url: string, object: unknown, options: { timeout: number; signal?: AbortSignal }) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const body = object === undefined ? '' : JSON.stringify(object);
      // The length is given because Node leaves it out for DELETE.
      const headers = body ? { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) } : {};
      const request = startRequest(url, { method, agent, headers, ...options }, resolve);
      request.on('timeout', () => request.destroy(new Error('no answer in time')));
      request.on('error', (error: NodeJS.ErrnoException) => {
        reject(error.code === 'ECONNREFUSED' ? new NotSentError(error.message) : error);
      });
      request.end(body);
    });

  return {
    async call(server, method, path, body) {
      const response = await send(method, server + path, body, { timeout: requestTimeoutMs });
      let text = '';
      for await (const part of response.setEncoding('utf8')) text += part;
      if (!response.complete) throw new Error('the answer was cut short');
      return { code: response.statusCode!, body: JSON.parse(text) };
    },
    async watch(stream) {
      const { server, signal } = stream;
      const response = await send('GET', server + watchPath(stream), undefined, { timeout: silenceMs, signal });
      if (response.statusCode === 410) {
        response.resume();
        return 'expired';
      }
      return readStream(response, stream);
    },
    close: () => agent.destroy(),
  };
}

async function readStream(response: IncomingMessage, stream: Stream): Promise<Connection['end']> {
  try {
    for await (const line of createInterface({ input: response })) {
      const { type, object } = JSON.parse(line);
      if (type === 'ERROR') return object.code === 410 ? 'expired' : 'cut';
      stream.seen(type === 'BOOKMARK' ? bookmarkOf(object) : { type, ...itemOf(object) });
    }
    return response.complete ? 'timeout' : 'cut';
  } catch {
    return 'cut'; // a line that was not written to its end, or a connection that broke
  } finally {
    response.destroy();
  }
}

function watchPath({ selection, after, timeoutSeconds }: Stream): string {
  const query = new URLSearchParams({
    watch: 'true',
    allowWatchBookmarks: 'true',
    timeoutSeconds: `${timeoutSeconds}`,
  });
  if (after === undefined) {
    query.set('sendInitialEvents', 'true');
    query.set('resourceVersionMatch', 'NotOlderThan');
  } else query.set('resourceVersion', `${after}`);
  return pathOf(selection, query);
}

/** The path of a list or watch. */
export function pathOf({ namespace, name, color }: Selection, query: URLSearchParams): string {
  if (name !== undefined) query.set('fieldSelector', `metadata.name=${name}`);
  if (color !== undefined) query.set('labelSelector', `color=${color}`);
  return `/api/v1${namespace === undefined ? '' : `/namespaces/${namespace}`}/configmaps?${query}`;
}

export function objectPath(key: string): string {
  const [namespace, name] = key.split('/');
  return `/api/v1/namespaces/${namespace}/configmaps/${name}`;
}

/** The object that holds a value; with a revision, only in place of that one. */
export function objectOf(key: string, value: string, expected?: number) {
  const resourceVersion = expected === undefined ? {} : { resourceVersion: `${expected}` };
  return {
    metadata: { name: key.split('/')[1], labels: { color: colorOf(value) }, ...resourceVersion },
    data: { value },
  };
}

interface ConfigMap {
  metadata: { namespace: string; name: string; resourceVersion: string; labels: { color: string } };
  data: { value: string };
}

/** An object whose label is not that of its value is a mixture of two: nobody has written that. */
export function itemOf({ metadata, data: { value } }: ConfigMap): Item {
  const key = `${metadata.namespace}/${metadata.name}`;
  const whole = metadata.labels.color === colorOf(value);
  return {
    key,
    value: whole ? value : `${value} labelled ${metadata.labels.color}`,
    revision: Number(metadata.resourceVersion),
  };
}

function bookmarkOf({
  metadata,
}: {
  metadata: { resourceVersion: string; annotations?: Record<string, string> };
}): Seen {
  const initialEnd = metadata.annotations?.['k8s.io/initial-events-end'] === 'true';
  return { type: 'BOOKMARK', revision: Number(metadata.resourceVersion), initialEnd };
}
