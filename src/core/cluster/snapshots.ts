/** Snapshot files: taken of a cluster that does not run, checked, and made into a cluster again. */
import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pkg from '../../../package.json' with { type: 'json' };
import { realClock } from '../async/clock.ts';
import { silentLog } from '../async/log.ts';
import { systemRandom } from '../async/random.ts';
import {
  fillEmbeddedStore,
  holdsEmbeddedStore,
  moveEmbeddedStore,
  openEmbeddedStore,
  type Store,
  StoreLockedError,
} from '../store/index.ts';
import { readSnapshot, revisionAfter, type Snapshot, SnapshotError } from '../store/snapshot/index.ts';
import { type ClusterConfig, checkFormat, readConfig, recordForSnapshot, writeConfig } from './config.ts';
import { paths, runningDaemon } from './paths.ts';
import { openStore } from './store.ts';

/** Writes a snapshot, reads back what is on the disk, and only then gives it its name. */
export async function writeSnapshotFile(file: string, bytes: AsyncIterable<Uint8Array>): Promise<Snapshot> {
  const partial = `${file}.partial`;
  try {
    const handle = await open(partial, 'w', 0o600);
    await pipeline(Readable.from(bytes), handle.createWriteStream({ flush: true }));
    const snapshot = await readSnapshotFile(partial);
    await rename(partial, file);
    return snapshot;
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** Throws SnapshotError when the file is not one whole snapshot. */
export async function readSnapshotFile(file: string): Promise<Snapshot> {
  try {
    return await readSnapshot(createReadStream(file));
  } catch (error) {
    throw error instanceof SnapshotError ? new SnapshotError(`${file} cannot be used: ${error.message}`) : error;
  }
}

/** The bytes of a snapshot of a cluster that does not run. */
export async function* snapshotAtRest(dataDir: string): AsyncGenerator<Buffer> {
  const { takeSnapshot } = await import('../apiserver/paths/snapshot.ts');
  const config = readConfig(dataDir);
  const store = await openAtRest(dataDir, config);
  try {
    yield* await takeSnapshot({
      store,
      clock: realClock,
      version: `v${pkg.version}`,
      cluster: () => config && recordForSnapshot(config),
    });
  } finally {
    await store.close();
  }
}

/** The store of a cluster that does not run; with one in etcd, other servers may. */
export async function openAtRest(dataDir: string, config: ClusterConfig | undefined): Promise<Store> {
  const dir = paths(dataDir).store;
  if (config?.etcd) return openStore(config, dataDir, { clock: realClock, random: systemRandom, log: silentLog });
  if (!holdsEmbeddedStore(dir)) throw new Error(`there is no cluster in ${dataDir}`);
  return openEmbeddedStore({ dir, clock: realClock, log: silentLog });
}

export interface RestoreOptions {
  dataDir: string;
  /** The cluster's name where it is not to be the recorded one. */
  name?: string | undefined;
  /** Whether a store that is there may be put aside. */
  replace: boolean;
  now: number;
  /** What is restored is the state in etcd that the record there names. */
  comesHome?: boolean;
}

export interface Restored {
  revision: number;
  /** Where the store that was there before lies now. */
  before?: string | undefined;
}

/** Makes the store of a data directory out of a snapshot. Nothing there is touched before the new one is complete. */
export async function restore({ head, kvs }: Snapshot, options: RestoreOptions): Promise<Restored> {
  const { dataDir, replace, now } = options;
  const { store: dir } = paths(dataDir);
  const exists = holdsEmbeddedStore(dir);
  if (exists && !replace) throw new Error(`${dataDir} holds a cluster: choose another --data-dir, or say --replace`);
  if (runningDaemon(dataDir)) throw new Error(`a cluster runs in ${dataDir}: end it with 'kubecfg halt' first`);
  const config = recordFor(head.cluster, options);
  const revision = Math.max(revisionAfter(head, now), exists ? (await revisionOf(dir)) + 1 : 0);

  const fresh = `${dir}.restoring`;
  await rm(fresh, { recursive: true, force: true });
  await fillEmbeddedStore(fresh, kvs, revision);
  await verify(fresh, kvs);
  const before = await moveEmbeddedStore(fresh, dir);
  if (config) writeConfig(dataDir, config);
  return { revision, before };
}

/** The snapshot's record under the name and port of the cluster that is there; undefined when what is there stays. */
function recordFor(
  recorded: object | undefined,
  { dataDir, name, comesHome }: RestoreOptions,
): ClusterConfig | undefined {
  const there = readConfig(dataDir);
  if (there?.etcd && !comesHome)
    throw new Error(`the cluster in ${dataDir} keeps its state in etcd: choose another --data-dir`);
  if (!recorded) return undefined;
  const { etcd: _, ...config } = checkFormat(recorded as ClusterConfig, 'the record in the snapshot');
  return { ...config, name: name ?? there?.name ?? config.name, port: there?.port ?? config.port };
}

/** 0 for a store that cannot be read, which may be why it is replaced. */
async function revisionOf(dir: string): Promise<number> {
  try {
    return await withStore(dir, async (store) => store.revision);
  } catch (error) {
    if (error instanceof StoreLockedError) throw error;
    return 0;
  }
}

async function verify(dir: string, kvs: Snapshot['kvs']): Promise<void> {
  await withStore(dir, async (store) => {
    const found = await store.range({ prefix: '' });
    const same = kvs.every(({ key, value, modRevision }, i) => {
      const kv = found.kvs[i];
      return kv?.key === key && kv.modRevision === modRevision && kv.value.equals(value);
    });
    if (!same || found.count !== kvs.length) throw new Error(`the new store in ${dir} does not hold what was written`);
  });
}

async function withStore<T>(dir: string, use: (store: Store) => Promise<T>): Promise<T> {
  const store = await openEmbeddedStore({ dir, clock: realClock, log: silentLog });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}
