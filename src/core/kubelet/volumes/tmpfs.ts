/** Volumes in memory. Only root may mount. */
import { mountsBelow } from '../../async/mounts.ts';
import { runProcess } from '../../async/process.ts';

export async function mountTmpfs(dir: string, sizeBytes: number | undefined): Promise<void> {
  if ((await mountsBelow(dir)).includes(dir)) return;
  const options = sizeBytes === undefined ? [] : ['-o', `size=${sizeBytes}`];
  await runProcess('mount', ['-t', 'tmpfs', ...options, 'tmpfs', dir]);
}
