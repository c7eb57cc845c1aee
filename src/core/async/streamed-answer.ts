/** A text that is written as it comes, at the pace of its reader, and ended when he leaves. */
import type { ServerResponse } from 'node:http';
import type { Clock } from './clock.ts';

export interface StreamedText {
  /** What is written; `signal` aborts when nobody reads it any more. */
  chunks(signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** It may be silent for long. */
  readonly follow: boolean;
  readonly clock: Clock;
  /** Aborted when the server closes. */
  readonly closing: AbortSignal;
}

/** A quiet source still gets its headers after this time, so that the reader knows that he is connected. */
const headersAfterMs = 200;

/** Rejects as long as no byte was sent: then the answer can still be an error. */
export async function streamText(response: ServerResponse, text: StreamedText): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const chunks = text.chunks(AbortSignal.any([gone.signal, text.closing]))[Symbol.asyncIterator]();
  const start = () => {
    if (!response.headersSent) response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' }).flushHeaders();
  };
  const timer = text.follow ? text.clock.after(headersAfterMs, start) : undefined;
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
