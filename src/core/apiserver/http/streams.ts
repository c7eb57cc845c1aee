/** The two answers that do not end by themselves: watches and logs. */
import type { ServerResponse } from 'node:http';
import type { ApiRequest } from '../../api/request.ts';
import { streamText } from '../../async/streamed-answer.ts';
import type { Context } from '../context.ts';
import { log } from '../verbs/log.ts';
import { watch } from '../verbs/watch.ts';
import { formatsOf } from '../watch/formats.ts';
import type { Exchange } from './exchange.ts';
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

/** Rejects as long as no byte was sent: then the error can still be a Status. */
export function streamLog(
  context: Context,
  request: ApiRequest,
  { response, dialect }: Exchange,
  closing: AbortSignal,
): Promise<void> | void {
  const { clock } = context;
  const { follow = false } = request.options?.log ?? {};
  const chunks = log(context, request);
  if (chunks) return streamText(response, { chunks, follow, clock, closing });
  // As 0.17 answered for a pod without a node; since then it is an empty text.
  if (dialect) response.writeHead(204).end();
  else response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': 0 }).end();
}
