/** Which programs this host has. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export function missingPrograms(names: readonly string[]): string[] {
  return names.filter((name) => !isInstalled(name));
}

function isInstalled(program: string): boolean {
  // Administration tools live in sbin, which an ordinary user's PATH leaves out.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
