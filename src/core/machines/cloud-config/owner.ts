/** `owner: core` and `owner: core:docker`, looked up in the machine's own files, as its chown would. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { placeIn } from './root-path.ts';

export interface Owner {
  uid: number;
  gid: number;
}

/** Throws when there is no such user or group. */
export async function ownerOf(root: string, owner: string): Promise<Owner> {
  const [user = '', group] = owner.split(':');
  const entry = await find(root, 'etc/passwd', user);
  const uid = numberOf(user) ?? Number(entry?.[2] ?? missing('user', user));
  if (!group) return { uid, gid: 0 };
  const groupEntry = await find(root, 'etc/group', group);
  return { uid, gid: numberOf(group) ?? Number(groupEntry?.[2] ?? missing('group', group)) };
}

async function find(root: string, file: string, name: string): Promise<string[] | undefined> {
  // A machine without these files has root, as every Linux does.
  if (name === 'root') return ['root', '', '0'];
  const { folder, name: base } = await placeIn(root, file);
  const text = await readFile(join(folder, base), 'utf8').catch(() => '');
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .find(([first]) => first === name);
}

const numberOf = (text: string) => (/^\d+$/.test(text) ? Number(text) : undefined);

function missing(what: string, name: string): never {
  throw new Error(`there is no ${what} ${JSON.stringify(name)} on this machine`);
}
