/** Mounts that somebody made below a directory of ours; they are found by their path, whoever made them. */
import { readFile } from 'node:fs/promises';
import { runProcess } from './process.ts';

/** What was just killed may hold a mount for a moment. */
const busyForMs = 3_000;

/** Ends all mounts at and under a directory: before it is removed. */
export async function unmountBelow(dir: string): Promise<void> {
  const deadline = performance.now() + busyForMs;
  for (const path of (await mountsBelow(dir)).reverse()) await unmount(path, dir, deadline);
}

async function unmount(path: string, dir: string, deadline: number): Promise<void> {
  for (;;) {
    try {
      await runProcess('umount', [path]);
      return;
    } catch (error) {
      // Somebody else was faster, or it went with the one it was a copy of.
      if (!(await mountsBelow(dir)).includes(path)) return;
      if (performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
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
