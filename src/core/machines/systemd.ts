/** A unit of systemd that starts a program with the host, and what makes systemd know it. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProcess } from '../async/process.ts';

const unitName = 'kubecfg.service';

const unitFile = (dir: string): string => join(dir, unitName);

/** Secrets have no place in it: everybody may read units. */
export function installUnit(dir: string, description: string, command: readonly string[]): string {
  mkdirSync(dir, { recursive: true });
  const file = unitFile(dir);
  writeFileSync(file, unitText(description, command), { mode: 0o644 });
  return file;
}

function unitText(description: string, command: readonly string[]): string {
  return `[Unit]
Description=${description.replaceAll('%', '%%')}
Wants=network-online.target
After=network-online.target docker.service

[Service]
ExecStart=${command.map(quoted).join(' ')}
# Containers and etcd outlive the daemon, and the next one takes them over.
KillMode=process
Restart=on-failure
RestartSec=5

[Install]
WantedBy=multi-user.target
`;
}

/** As systemd.service(5) and systemd.syntax(7) have it: quotes, specifiers (%) and variables ($). */
function quoted(word: string): string {
  const text = word.replaceAll(/["\\]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$');
  return `"${text}"`;
}

/** Whether systemd runs this host (sd_booted(3)). */
export const hasSystemd = (): boolean => existsSync('/run/systemd/system');

export async function startUnit(): Promise<void> {
  await runProcess('systemctl', ['daemon-reload']);
  await runProcess('systemctl', ['enable', '--now', unitName]);
}

/** Ends what it started, too; false when there is no unit. */
export async function removeUnit(dir: string): Promise<boolean> {
  const file = unitFile(dir);
  if (!existsSync(file)) return false;
  if (hasSystemd()) await runProcess('systemctl', ['disable', '--now', unitName]);
  rmSync(file, { force: true });
  if (hasSystemd()) await runProcess('systemctl', ['daemon-reload']);
  return true;
}
