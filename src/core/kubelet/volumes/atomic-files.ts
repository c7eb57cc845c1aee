/**
 * Files that containers see change all at once: they are links through `..data`, which is one link to the directory
 * with the content and is replaced in one rename (kubernetes pkg/volume/util/atomic_writer.go).
 */
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigError } from '../config/config-error.ts';
import type { Files } from './volume-files.ts';

const link = '..data';

/** `group` owns the files and may read them, where we are root. */
export async function writeFiles(
  dir: string,
  { files, group }: { files: Files; group: number | undefined },
): Promise<void> {
  for (const path of files.keys()) {
    if (/^\/|^\.\.|(^|\/)\.\.(\/|$)/.test(path)) throw new ConfigError(`${path}: must stay inside the volume`);
  }
  await mkdir(dir, { recursive: true });
  await chmod(dir, 0o755);
  const current = await readlink(join(dir, link)).catch(() => undefined);
  if (current !== undefined && (await holds(join(dir, current), files))) return;

  const content = await mkdtemp(join(dir, '..files-'));
  await chmod(content, 0o755);
  for (const [path, { data, mode }] of files) await writeOne(join(content, path), { data, mode, group });
  await rm(join(dir, '..new'), { force: true });
  await symlink(content.slice(dir.length + 1), join(dir, '..new'));
  await rename(join(dir, '..new'), join(dir, link));
  await linkNames(dir, new Set([...files.keys()].map((path) => path.split('/')[0]!)));
  if (current !== undefined) await rm(join(dir, current), { recursive: true, force: true });
}

async function writeOne(
  path: string,
  { data, mode, group }: { data: Buffer; mode: number; group: number | undefined },
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await writeFile(path, data);
  if (group === undefined || process.getuid?.() !== 0) return chmod(path, mode);
  await chown(path, 0, group);
  // What the owner may read the group may read.
  await chmod(path, mode | ((mode & 0o400) >> 3));
}

async function holds(content: string, files: Files): Promise<boolean> {
  const names = await readdir(content, { recursive: true, withFileTypes: true });
  if (names.filter((entry) => entry.isFile()).length !== files.size) return false;
  for (const [path, { data }] of files) {
    const written = await readFile(join(content, path)).catch(() => undefined);
    if (!written?.equals(data)) return false;
  }
  return true;
}

/** One link for each top-level name, and none for names that are gone. */
async function linkNames(dir: string, names: ReadonlySet<string>): Promise<void> {
  const there = (await readdir(dir)).filter((name) => !name.startsWith('..'));
  for (const name of there) if (!names.has(name)) await rm(join(dir, name));
  for (const name of names) if (!there.includes(name)) await symlink(join(link, name), join(dir, name));
}
