/** The last words of a container: its terminationMessagePath, or the end of its log. */
import { open } from 'node:fs/promises';
import type { Runtime, RuntimeContainer } from '../runtime/runtime.ts';
import { annotation } from './plan/instances.ts';

/** Kubernetes' limits: bytes of the file, lines and bytes of the log. */
const fileBytes = 4096;
const logLines = 80;
const logBytes = 2048;

/** '' when it left none. */
export async function terminationMessage(runtime: Runtime, container: RuntimeContainer): Promise<string> {
  const path = container.annotations[annotation.terminationLog];
  const written = path === undefined ? '' : await head(path);
  const fallsBack = container.annotations[annotation.terminationPolicy] === 'FallbackToLogsOnError';
  return written === '' && fallsBack && container.exitCode !== 0 ? tail(runtime, container.id) : written;
}

async function head(path: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(fileBytes));
      return buffer.toString('utf8', 0, bytesRead).trimEnd();
    } finally {
      await file.close();
    }
  } catch {
    return ''; // Gone with the pod's directory: no words are left.
  }
}

async function tail(runtime: Runtime, id: string): Promise<string> {
  const query = { follow: false, timestamps: false, tailLines: logLines };
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of runtime.logs(id, query, new AbortController().signal)) chunks.push(chunk);
  } catch {
    return ''; // Removed meanwhile.
  }
  return Buffer.concat(chunks).subarray(-logBytes).toString('utf8').trimEnd();
}
