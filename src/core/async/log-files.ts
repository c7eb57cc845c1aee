/** Logs of this process, by name. A name that is not in the table is no file, so no path leads elsewhere. */
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** Paths by the names they are shown under. */
export type LogFiles = Readonly<Record<string, string>>;

/** A log that was never cut has its end shown. */
const bytesMax = 8 * 1024 * 1024;

/** Without those that nobody has written yet. */
export const logNames = (logs: LogFiles): string[] => Object.keys(logs).filter((name) => existsSync(logs[name]!));

/** Undefined when there is no such log. */
export async function readLogFile(logs: LogFiles, name: string): Promise<Buffer | undefined> {
  const file = Object.hasOwn(logs, name) ? await open(logs[name]!).catch(() => undefined) : undefined;
  if (!file) return undefined;
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(size, bytesMax));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, size - bytes.length);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
