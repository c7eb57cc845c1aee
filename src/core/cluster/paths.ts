/** Where a cluster keeps its files, and how a running daemon is found. Light: client verbs load this. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

const defaultName = 'kubecfg';

/** --data-dir, then KUBECFG_DATA_DIR, then ~/.kubecfg/NAME. */
export function dataDirOf({ dataDir, name }: { dataDir?: string | undefined; name?: string | undefined }): string {
  const given = dataDir ?? (name === undefined ? process.env['KUBECFG_DATA_DIR'] : undefined);
  return given ? resolve(given) : join(homedir(), '.kubecfg', name ?? defaultName);
}

/**
 * Containers are told apart by the cluster's name, so two directories must not share one: recorded in the directory, else
 * `name`, else made from the directory's own.
 */
export function clusterNameOf(dataDir: string, name?: string): string {
  return recordedName(dataDir) ?? name ?? derivedName(dataDir);
}

function recordedName(dataDir: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(paths(dataDir).config, 'utf8')) as { name?: string }).name;
  } catch {
    return undefined; // none, or damaged: whoever needs more than the name will say so
  }
}

function derivedName(dataDir: string): string {
  if (dataDir === join(homedir(), '.kubecfg', defaultName)) return defaultName;
  const digest = createHash('sha256').update(dataDir).digest('hex').slice(0, 6);
  const words = basename(dataDir)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 20);
  return `${words.replaceAll(/^-|-$/g, '') || 'cluster'}-${digest}`;
}

export function paths(dataDir: string) {
  return {
    config: join(dataDir, 'cluster.json'),
    store: join(dataDir, 'store'),
    /** Written when the daemon is ready, removed when it ends. */
    daemon: join(dataDir, 'daemon.json'),
    log: join(dataDir, 'daemon.log'),
    machines: join(dataDir, 'machines'),
    /** How the API servers of other hosts are reached from this one. */
    reach: join(dataDir, 'reach.json'),
    socket: socketPath(dataDir, 'daemon'),
    /** For fleetctl --endpoint. */
    fleetSocket: socketPath(dataDir, 'fleet'),
    /** Of a host of several: certificates, the etcd member, and what it is to become at its first start. */
    pki: join(dataDir, 'pki'),
    etcd: join(dataDir, 'etcd'),
    wishes: join(dataDir, 'join.json'),
  };
}

/** Socket paths hold 107 bytes at most (sockaddr_un); longer ones move to the temporary folder under a digest. */
function socketPath(dataDir: string, name: 'daemon' | 'fleet'): string {
  const path = join(dataDir, `${name}.sock`);
  if (Buffer.byteLength(path) <= 107) return path;
  const digest = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  return join(tmpdir(), `kubecfg-${name === 'daemon' ? '' : `${name}-`}${digest}.sock`);
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
