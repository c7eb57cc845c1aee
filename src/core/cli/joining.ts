/** Where `join` is to go: under a discovery URL, or to a server with a token. */
import { readFileSync } from 'node:fs';
import * as Flags from '@oclif/core/flags';
import type { JoinWishes } from '../cluster/enrol.ts';
import type { Context } from './context.ts';
import { CliError, UsageError } from './errors.ts';

export interface JoinFlags {
  discovery?: string | undefined;
  server?: string | undefined;
  token?: string | undefined;
  'token-file'?: string | undefined;
}

/** Where systemd's unit is written and found again. */
export const unitDirFlag = {
  'unit-dir': Flags.string({
    default: '/etc/systemd/system',
    helpValue: 'DIR',
    description: "of systemd's units, for those who keep them elsewhere",
  }),
};

/** Undefined when nothing is said: for a machine that has joined before. */
export async function wayToJoin(flags: JoinFlags, context: Context): Promise<JoinWishes['via'] | undefined> {
  const { discovery, server } = flags;
  if (discovery !== undefined && server !== undefined) {
    throw new UsageError('a discovery URL and --server are two ways to join: choose one');
  }
  if (discovery !== undefined) {
    if (!/^https?:\/\//.test(discovery) || !URL.canParse(discovery))
      throw new UsageError("the discovery URL is not a URL: 'kubecfg discovery new' prints one");
    return { discovery };
  }
  if (server === undefined) return undefined;
  if (!server.startsWith('https://') || !URL.canParse(server)) {
    throw new UsageError(`--server ${server}: the secure port of a master is needed, such as https://10.0.0.1:6443`);
  }
  const token = flags.token ?? (await tokenFrom(flags['token-file'], context)) ?? context.env['KUBECFG_TOKEN'];
  if (!token) throw new UsageError('a token is needed to join: --token-file, $KUBECFG_TOKEN or --token');
  return { server: server.replace(/\/+$/, ''), token: token.trim() };
}

async function tokenFrom(file: string | undefined, { stdin }: Context): Promise<string | undefined> {
  if (file === undefined) return undefined;
  if (file !== '-') {
    try {
      return readFileSync(file, 'utf8');
    } catch (e) {
      throw new CliError(`cannot read the token: ${(e as Error).message}`);
    }
  }
  let text = '';
  for await (const part of stdin) text += part;
  return text;
}
