/** Where a cluster keeps its files, and how a running daemon is found. Light: client verbs load this. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const defaultName = 'kubecfg';

/** --data-dir, then KUBECFG_DATA_DIR, then ~/.kubecfg/NAME. */
export function dataDirOf({ dataDir, name }: { dataDir?: string | undefined; name?: string | undefined }): string {
  const given = dataDir ?? (name === undefined ? process.env['KUBECFG_DATA_DIR'] : undefined);
  return given ? resolve(given) : join(homedir(), '.kubecfg', name ?? defaultName);
}

export function paths(dataDir: string) {
  return {
    config: join(dataDir, 'cluster.json'),
    store: join(dataDir, 'store'),
    /** Written when the daemon is ready, removed when it ends. */
    daemon: join(dataDir, 'daemon.json'),
    log: join(dataDir, 'daemon.log'),
    machines: join(dataDir, 'machines'),
    socket: socketPath(dataDir),
  };
}

/** Socket paths hold 107 bytes at most (sockaddr_un); longer ones move to the temporary folder under a digest. */
function socketPath(dataDir: string): string {
  const path = join(dataDir, 'daemon.sock');
  if (Buffer.byteLength(path) <= 107) return path;
  return join(tmpdir(), `kubecfg-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}.sock`);
}

export interface DaemonRecord {
  pid: number;
  /** http://127.0.0.1:8080 */
  server: string;
  socket: string;
  startedAt: string;
}

/** The daemon of this directory, if its process lives. */
export function runningDaemon(dataDir: string): DaemonRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(paths(dataDir).daemon, 'utf8')) as DaemonRecord;
    process.kill(record.pid, 0);
    return record;
  } catch {
    return undefined; // no file, half a file or no such process: all mean that none is running
  }
}
