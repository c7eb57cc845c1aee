/** Paths below a root as a process sees them that has it for `/`: nothing leads out, not even symbolic links. */
import { lstat, mkdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** As the kernel's ELOOP. */
const linksMax = 40;

/** The real folder for a path's parent, made where it is missing (mode 0755), and the name in it. */
export async function placeIn(root: string, path: string): Promise<{ folder: string; name: string }> {
  const parts = partsOf(path);
  const name = parts.pop();
  if (name === undefined) throw new Error(`${path} is a directory`);
  return { folder: join(root, ...(await resolveFolder(root, parts))), name };
}

const partsOf = (path: string) => path.split('/').filter((part) => part !== '' && part !== '.');

async function resolveFolder(root: string, parts: string[]): Promise<string[]> {
  const todo = [...parts].reverse();
  const done: string[] = [];
  let links = 0;
  for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
    if (part === '..') {
      done.pop();
      continue;
    }
    const here = join(root, ...done, part);
    const target = await linkOrFolder(here);
    if (target === undefined) {
      done.push(part);
      continue;
    }
    if (++links > linksMax) throw new Error(`too many symbolic links in /${parts.join('/')}`);
    if (target.startsWith('/')) done.length = 0;
    todo.push(...partsOf(target).reverse());
  }
  return done;
}

/** Where a symbolic link leads; undefined for a folder, which is made when nothing is there. */
async function linkOrFolder(path: string): Promise<string | undefined> {
  const found = await lstat(path).catch((e: NodeJS.ErrnoException) => {
    if (e.code !== 'ENOENT') throw e;
  });
  if (found?.isSymbolicLink()) return readlink(path);
  if (!found) await mkdir(path, { mode: 0o755 });
  else if (!found.isDirectory()) throw new Error(`${path} is not a directory`);
  return undefined;
}
