/** The Transport for components of the server's own process: the same engine, without HTTP and without JSON. */
import type { KubeObject, WatchEvent } from '../api/object.ts';
import type { ApiRequest } from '../api/request.ts';
import { internalError, methodNotAllowed } from '../api/status.ts';
import type { Transport } from '../client/transport.ts';
import { upToDate } from './confirm.ts';
import type { Context } from './context.ts';
import type { Discovery } from './discovery.ts';
import { handle } from './engine.ts';
import { isPieces } from './paths/raw.ts';
import { objectOf } from './render.ts';
import { log } from './verbs/log.ts';
import { watch } from './verbs/watch.ts';
import { formatsOf } from './watch/formats.ts';

export function localTransport(context: Context, discovery: Discovery): Transport {
  return {
    async send(request) {
      const answer = await handle(context, request);
      return objectOf(answer, request.options ?? {}, context.clock.now());
    },
    watch: (request, signal) => events(context, request, signal),
    async *stream(request, signal) {
      if (request.verb !== 'get' || request.subresource !== 'log') throw methodNotAllowed();
      const output = log(context, request);
      if (output) yield* output(signal);
    },
    async raw(path) {
      const { pathname, searchParams } = new URL(path, 'http://localhost');
      const { body, code = 200, contentType } = await discovery.get(pathname, searchParams);
      const isJson = Buffer.isBuffer(body) && contentType === 'application/json';
      if (code >= 400) throw internalError(isJson ? body.toString() : JSON.stringify(body));
      return isJson ? JSON.parse(body.toString()) : body;
    },
    async *download(path) {
      const { body } = await discovery.get(path, new URLSearchParams());
      if (isPieces(body)) yield* body;
      else yield Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    },
    async close() {},
  };
}

async function* events(
  context: Context,
  request: ApiRequest,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<KubeObject>> {
  const wait = upToDate(context, request.options);
  if (wait) await wait;
  if (signal.aborted) return;
  const watcher = watch(context, request);
  // Tables and bare metadata are rare in one process: they take the bytes that a stream would get.
  const { options = {} } = request;
  const formats = options.as && formatsOf(request.kind, options, context.clock);
  let format = formats?.first;
  let wake = () => {};
  const stop = () => {
    watcher.stop();
    wake();
  };
  signal.addEventListener('abort', stop);
  watcher.attach(() => wake());
  try {
    while (!signal.aborted) {
      const item = watcher.take();
      if (item) {
        const event = format
          ? JSON.parse(item.line(format).toString())
          : { type: item.type, object: item.payload.object };
        yield event as WatchEvent<KubeObject>;
        format = formats?.rest;
      } else if (watcher.ended) {
        if (watcher.error) throw watcher.error;
        return;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    watcher.stop();
  }
}
