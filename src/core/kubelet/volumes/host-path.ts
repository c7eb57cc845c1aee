/** hostPath volumes: the path is used as it is; its type says what has to be there. */
import { mkdir, open, stat } from 'node:fs/promises';
import type { HostPathVolumeSource } from '../../api/types/volume.ts';
import { ConfigError } from '../config/config-error.ts';

type Stats = Awaited<ReturnType<typeof stat>>;

const kinds: Record<string, { words: string; is(stats: Stats): boolean }> = {
  Directory: { words: 'a directory', is: (s) => s.isDirectory() },
  DirectoryOrCreate: { words: 'a directory', is: (s) => s.isDirectory() },
  File: { words: 'a file', is: (s) => s.isFile() },
  FileOrCreate: { words: 'a file', is: (s) => s.isFile() },
  Socket: { words: 'a socket', is: (s) => s.isSocket() },
  CharDevice: { words: 'a character device', is: (s) => s.isCharacterDevice() },
  BlockDevice: { words: 'a block device', is: (s) => s.isBlockDevice() },
};

export async function checkHostPath({ path, type }: HostPathVolumeSource): Promise<void> {
  if (!type) return;
  const kind = kinds[type];
  if (!kind) throw new ConfigError(`hostPath type check failed: ${type} is none of ${Object.keys(kinds).join(', ')}`);
  if (type === 'DirectoryOrCreate') await mkdir(path, { recursive: true, mode: 0o755 });
  if (type === 'FileOrCreate') await (await open(path, 'a', 0o644)).close();
  const stats = await stat(path).catch(() => undefined);
  if (!stats || !kind.is(stats)) throw new ConfigError(`hostPath type check failed: ${path} is not ${kind.words}`);
}
