/** The two answers that do not end by themselves: watches and logs. */
import type { ServerResponse } from 'node:http';
import type { ApiRequest } from '../../api/request.ts';
import type { Context } from '../context.ts';
import { log } from '../verbs/log.ts';
import { watch } from '../verbs/watch.ts';
import { formatsOf } from '../watch/formats.ts';
import type { Form } from './respond.ts';

/** Every event is written as soon as the reader has room for it; the queue of the watcher holds what has to wait. */
export function streamWatch(context: Context, request: ApiRequest, response: ServerResponse, form: Form): void {
  const watcher = watch(context, request);
  const { first, rest, error, contentType } = formatsOf(request.kind, form, context.clock);
  let format = first;
  response.writeHead(200, { 'Content-Type': contentType, 'Cache-Control': 'no-cache, private' });
  response.flushHeaders();
  const pump = () => {
    if (response.writableEnded || response.destroyed) return;
    while (!response.writableNeedDrain) {
      const item = watcher.take();
      if (!item) break;
      response.write(item.line(format));
      format = rest;
    }
    // Whoever reads too slowly finds the error behind the events that wait for him already, and can go on from those.
    if (watcher.ended && (watcher.overflowed || !response.writableNeedDrain)) {
      if (watcher.error) response.write(error(watcher.error.status));
      response.end();
    }
  };
  response.on('drain', pump);
  response.on('close', () => watcher.stop());
  watcher.attach(pump);
}

/** A quiet container still gets its headers after this time, so that `logs --follow` knows it is connected. */
const headersAfterMs = 200;

/** Rejects as long as no byte was sent: then the error can still be a Status. */
export async function streamLog(
  context: Context,
  request: ApiRequest,
  response: ServerResponse,
  closing: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const chunks = log(context, request, AbortSignal.any([gone.signal, closing]))[Symbol.asyncIterator]();
  const start = () => {
    if (!response.headersSent) response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' }).flushHeaders();
  };
  const timer = request.options?.log?.follow ? context.clock.after(headersAfterMs, start) : undefined;
  try {
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
      start();
      if (!response.write(next.value)) await drained(response);
      if (gone.signal.aborted) break;
    }
  } finally {
    timer?.cancel();
    await chunks.return?.();
  }
  start();
  response.end();
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once('drain', resolve);
    response.once('close', resolve);
  });
}
