/**
 * The files of an isolated machine: those of the host, with its own changes laid over them (overlayfs). What a user-data
 * file writes, and what a user does who logs in, stays inside.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { mountsBelow, unmountBelow } from '../../async/mounts.ts';
import { runProcess } from '../../async/process.ts';
import { type Place, placeOf } from './place.ts';

/** What every root needs of the running system, with what is mounted in it: terminals, control groups. */
const systemFolders = ['/sys', '/dev'];
/** Without: the machine's sockets are in /run, and so are the namespaces of all machines, which a mount would keep alive. */
const plainFolders = ['/proc', '/run'];

/** Mounts the root unless it is mounted. Answers its path. */
export async function mountRoot(place: Place): Promise<string> {
  const { changes, work, root, data } = placeOf(place);
  if ((await mountsBelow(root)).includes(`${root}${data}`)) return root;
  await unmountBelow(root);
  for (const folder of [changes, work, root]) mkdirSync(folder, { recursive: true });
  const layers = `lowerdir=/,upperdir=${changes},workdir=${work}`;
  await runProcess('mount', ['-t', 'overlay', 'overlay', '-o', layers, root]);
  for (const path of systemFolders) await runProcess('mount', ['--rbind', '--make-rslave', path, `${root}${path}`]);
  // The daemon of the machine lives outside the root, and who logs in shall see what it sees.
  mkdirSync(data, { recursive: true, mode: 0o700 });
  for (const path of [...plainFolders, data]) {
    await runProcess('mount', ['--bind', '--make-slave', path, `${root}${path}`]);
  }
  return root;
}

/** Forgets the machine's changes, too. */
export async function removeRoot(place: Place): Promise<void> {
  const { changes, work, root } = placeOf(place);
  await unmountBelow(root);
  for (const folder of [changes, work, root]) rmSync(folder, { recursive: true, force: true });
}

/** The command line that runs one inside the root, under the machine's own host name. */
export function enterRoot(place: Place, inside: readonly string[]): string[] {
  const { root } = placeOf(place);
  const script = 'hostname "$1"; root=$2; shift 2; exec chroot "$root" "$@"';
  return ['unshare', '--uts', 'sh', '-c', script, 'sh', place.machine, root, ...inside];
}
