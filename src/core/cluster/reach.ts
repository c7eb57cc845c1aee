/** How the verbs on this host reach the API servers of others: as an administrator of isolated machines, as a worker. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { adminOf } from './identity.ts';
import { paths } from './paths.ts';

export interface Reach {
  /** `https://172.17.8.101:6443` of every master. */
  servers: string[];
  /** PEM. */
  tls: { ca: string; certificate: string; key: string };
}

export async function writeReach(dataDir: string, discovery: string, servers: string[]): Promise<Reach> {
  const { ca, certificate, key } = await adminOf(discovery);
  return keepReach(dataDir, { servers, tls: { ca, certificate, key } });
}

export function keepReach(dataDir: string, reach: Reach): Reach {
  writeFileSync(paths(dataDir).reach, `${JSON.stringify(reach)}\n`, { mode: 0o600 });
  return reach;
}

export function readReach(dataDir: string): Reach | undefined {
  try {
    return JSON.parse(readFileSync(paths(dataDir).reach, 'utf8')) as Reach;
  } catch {
    return undefined; // None, or half of one: the next `up` writes it.
  }
}

export function removeReach(dataDir: string): void {
  rmSync(paths(dataDir).reach, { force: true });
}
