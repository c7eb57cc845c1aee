/** One server on the embedded store: killed and started again on the same directory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '../helpers/wait.ts';
import { Daemon } from './daemon.ts';
import type { Servers } from './servers.ts';

/** `compactionInterval` as on the command line. */
export async function embeddedServers(compactionInterval: string): Promise<Servers> {
  const folder = mkdtempSync(join(tmpdir(), 'kubecfg-torture-'));
  const daemon = new Daemon(join(folder, 'data'), ['--name', 'torture', '--compaction-interval', compactionInterval]);
  await daemon.start();
  return {
    async urls() {
      return [(await waitFor(() => daemon.url, { withinMs: 60_000, what: 'a server' }))!];
    },
    async disturb() {
      await daemon.kill();
      await daemon.start();
      return 'the server';
    },
    async stop() {
      await daemon.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
