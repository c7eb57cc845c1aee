/** Mounts that somebody made below a directory of ours; they are found by their path, whoever made them. */
import { readFile } from 'node:fs/promises';
import { runProcess } from './process.ts';

/** Ends all mounts at and under a directory: before it is removed. */
export async function unmountBelow(dir: string): Promise<void> {
  for (const path of (await mountsBelow(dir)).reverse()) {
    try {
      await runProcess('umount', [path]);
    } catch (error) {
      // Somebody else was faster, or it went with the one it was a copy of.
      if ((await mountsBelow(dir)).includes(path)) throw error;
    }
  }
}

/** In the order in which they were made. */
export async function mountsBelow(dir: string): Promise<string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8').catch(() => ''); // Not Linux: nothing is mounted by us.
  return table
    .split('\n')
    .map((line) => decodeOctal(line.split(' ')[4] ?? ''))
    .filter((path) => path === dir || path.startsWith(`${dir}/`));
}

/** The kernel writes spaces and the like as octal numbers. */
const decodeOctal = (path: string) =>
  path.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));
