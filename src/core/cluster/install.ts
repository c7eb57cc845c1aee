/**
 * `kubecfg join --install`: systemd starts the machine from now on. Where to join, with its secret, is in a file of the data
 * directory that only root can read, until the machine has joined.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hasSystemd, installUnit, startUnit } from '../machines/index.ts';
import { readConfig } from './config.ts';
import type { JoinWishes } from './enrol.ts';
import { checkHost, checkRoot } from './host-checks.ts';
import { paths } from './paths.ts';
import type { Report } from './progress.ts';

export interface InstallOptions {
  dataDir: string;
  /** Not needed by a machine that has joined before. */
  wishes: JoinWishes | undefined;
  unitDir: string;
  report: Report;
}

/** False when no systemd runs here that could start it. */
export async function install({ dataDir, wishes, unitDir, report }: InstallOptions): Promise<boolean> {
  checkRoot();
  const known = readConfig(dataDir);
  if (!known && !wishes) throw new Error(`${dataDir} holds no machine: name a discovery URL, or --server and a token`);
  await checkHost(known?.host?.dockerSocket ?? wishes?.dockerSocket);
  const { name } = (known ?? wishes!.config).machines[0]!;
  if (!known) writeWishes(dataDir, wishes!);
  const program = [process.execPath, ...process.execArgv, process.argv[1] ?? ''];
  const file = installUnit(unitDir, `kubecfg machine ${name}`, [...program, 'join', '--data-dir', dataDir]);
  report({ message: `unit written to ${file}` });
  if (!hasSystemd()) return false;
  await startUnit();
  return true;
}

function writeWishes(dataDir: string, wishes: JoinWishes): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(paths(dataDir).wishes, `${JSON.stringify(wishes)}\n`, { mode: 0o600 });
}

/** Undefined when there are none. */
export function readWishes(dataDir: string): JoinWishes | undefined {
  try {
    return JSON.parse(readFileSync(paths(dataDir).wishes, 'utf8')) as JoinWishes;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
