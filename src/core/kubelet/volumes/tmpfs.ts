/** Volumes in memory. Only root may mount; the mounts are found again by their path, whoever made them. */
import { readFile } from 'node:fs/promises';
import { runProcess } from '../../async/process.ts';

export async function mountTmpfs(dir: string, sizeBytes: number | undefined): Promise<void> {
  if ((await mountsBelow(dir)).includes(dir)) return;
  const options = sizeBytes === undefined ? [] : ['-o', `size=${sizeBytes}`];
  await runProcess('mount', ['-t', 'tmpfs', ...options, 'tmpfs', dir]);
}

/** Ends all mounts at and under a directory: before it is removed. */
export async function unmountBelow(dir: string): Promise<void> {
  for (const path of (await mountsBelow(dir)).reverse()) await runProcess('umount', [path]);
}

async function mountsBelow(dir: string): Promise<string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8').catch(() => ''); // Not Linux: nothing is mounted by us.
  return table
    .split('\n')
    .map((line) => decodeOctal(line.split(' ')[4] ?? ''))
    .filter((path) => path === dir || path.startsWith(`${dir}/`));
}

/** The kernel writes spaces and the like as octal numbers. */
const decodeOctal = (path: string) =>
  path.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));
