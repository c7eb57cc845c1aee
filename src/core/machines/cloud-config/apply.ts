/**
 * Carries out what a cloud-config says about files, in coreos-cloudinit's order: hostname, write_files, /etc/hosts,
 * /etc/environment. Everything is written below one root, whatever the file says.
 */
import { chmod, chown, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeContent } from './content.ts';
import type { UserData } from './index.ts';
import type { WriteFile } from './keys.ts';
import { fileKeys } from './not-applied.ts';
import { ownerOf } from './owner.ts';
import type { Setting } from './read.ts';
import { placeIn } from './root-path.ts';
import type { Addresses } from './substitute.ts';

export interface ApplyOptions {
  /** An absolute path; `/` for the host itself. */
  root: string;
  /** The machine's, unless the file has another. */
  hostname: string;
  addresses: Addresses;
}

export interface Applied {
  hostname: string;
  /** Paths as the machine sees them. */
  files: string[];
  /** What the file asks for and somebody else has to do, or nobody does. */
  left: Setting[];
}

interface File {
  path: string;
  content: Buffer | string;
  mode?: number;
  owner?: string;
}

/** Stops at the first failure, whose message names the path; the user-data must be without findings. */
export async function apply({ config, settings }: UserData, options: ApplyOptions): Promise<Applied> {
  const { hostname = options.hostname, manage_etc_hosts, write_files = [] } = config;
  const own = write_files.map(fileOf);
  const files: File[] = [
    { path: '/etc/hostname', content: `${hostname}\n` },
    ...own,
    ...(manage_etc_hosts === 'localhost' ? [{ path: '/etc/hosts', content: `127.0.0.1 ${hostname}\n` }] : []),
  ];
  // A file of the user's own has the last word on the environment.
  if (!own.some(({ path }) => path === '/etc/environment'))
    files.push({ path: '/etc/environment', content: environment(options.addresses) });
  for (const file of files) {
    try {
      await write(options.root, file);
    } catch (e) {
      throw new Error(`${file.path}: ${(e as Error).message}`);
    }
  }
  return { hostname, files: files.map(({ path }) => path), left: settings.filter(({ key }) => !fileKeys.test(key)) };
}

function fileOf({ path = '', content = '', encoding = '', permissions, owner }: WriteFile): File {
  return {
    path: `/${path.replace(/^\/+/, '')}`,
    content: decodeContent(content, encoding),
    ...(permissions && { mode: Number.parseInt(permissions, 8) }),
    ...(owner && { owner }),
  };
}

function environment(addresses: Addresses): string {
  const lines = Object.entries(addresses).map(([name, address]) => `COREOS_${name.toUpperCase()}=${address}\n`);
  return lines.join('');
}

/** Into a temporary file beside it, then renamed: nobody sees half a file, and a link in its place is not followed. */
async function write(root: string, { path, content, mode = 0o644, owner }: File): Promise<void> {
  const { folder, name } = await placeIn(root, path);
  const temporary = join(folder, `.${name}.cloud-config`);
  await rm(temporary, { force: true });
  try {
    await writeFile(temporary, content, { flag: 'wx', mode });
    // The process's umask has had its say.
    await chmod(temporary, mode);
    if (owner) {
      const { uid, gid } = await ownerOf(root, owner);
      await chown(temporary, uid, gid);
    }
    await rename(temporary, join(folder, name));
  } catch (e) {
    await rm(temporary, { force: true });
    throw e;
  }
}
