/** Large answers compressed for clients that ask for it, as kube-apiserver does (handlers/responsewriters). */
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** Below this compressing takes longer than sending. */
const compressedBytesMin = 128 * 1024;

export function isCompressed({ req }: ServerResponse, length: number): boolean {
  if (length <= compressedBytesMin || req.method !== 'GET') return false;
  const accepted = String(req.headers['accept-encoding'] ?? '').split(',');
  return accepted.some((entry) => entry.split(';', 1)[0]?.trim() === 'gzip');
}

/** Compression runs in a thread of its own and no faster than the client reads. */
export async function sendCompressed(response: ServerResponse, pieces: Iterable<Buffer>): Promise<void> {
  try {
    await pipeline(Readable.from(pieces), createGzip({ level: 1 }), response);
  } catch {
    // The client went away; there is nobody to tell.
    response.destroy();
  }
}
