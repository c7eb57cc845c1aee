/** /logs/: the logs of this process, by name. A name that is not in the table is no file, so no path leads elsewhere. */
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { noSuchResource } from '../../api/status.ts';
import type { Discovery } from '../discovery.ts';
import { folderListing } from './listing.ts';

/** A log that was never cut has its end shown. */
const bytesMax = 8 * 1024 * 1024;

/** `logs` are paths by the names they are served under; a log that nobody has written yet is not listed. */
export function addLogs(discovery: Discovery, logs: Readonly<Record<string, string>>): void {
  discovery.add('/logs/', async (path) => {
    const name = path.slice('/logs/'.length);
    if (name === '') return folderListing(Object.keys(logs).filter((log) => existsSync(logs[log]!)));
    if (!Object.hasOwn(logs, name)) throw noSuchResource();
    return { body: await endOf(logs[name]!) };
  });
}

async function endOf(path: string): Promise<Buffer> {
  const file = await open(path).catch(() => {
    throw noSuchResource();
  });
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(size, bytesMax));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, size - bytes.length);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
