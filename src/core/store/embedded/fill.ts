/** A new store in a directory, filled with what another one held; and one directory's store in the place of another's. */
import { existsSync } from 'node:fs';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Commit, commitsOf } from '../commit.ts';
import type { KeyValue, StoreEvent } from '../store.ts';
import type { Disk } from './disk.ts';
import { fileName } from './lmdb-file.ts';

/** Written in batches of about this size. */
const batchBytes = 8 * 1024 * 1024;

/**
 * Puts `kvs`, with their revisions, into the store in `dir`, which must not hold any yet. The store then is at `revision`,
 * above all of theirs, and everything before counts as compacted.
 */
export async function fillEmbeddedStore(dir: string, kvs: readonly KeyValue[], revision: number): Promise<void> {
  const disk = await (await import('./lmdb.ts')).openLmdbDisk(dir);
  try {
    for (const _ of disk.load()) throw new Error(`the store in ${dir} is not empty`);
    await fill(disk, kvs, revision);
  } finally {
    await disk.close();
  }
}

async function fill(disk: Disk, kvs: readonly KeyValue[], revision: number): Promise<void> {
  const puts = [...kvs].sort((a, b) => a.modRevision - b.modRevision).map((kv) => ({ type: 'put' as const, kv }));
  if ((puts.at(-1)?.kv.modRevision ?? 0) >= revision) throw new Error(`there are keys newer than revision ${revision}`);
  let batch: Commit[] = [];
  let bytes = 0;
  for (const commit of commitsOf(puts)) {
    batch.push(commit);
    for (const event of commit.events as typeof puts) bytes += event.kv.value.length;
    if (bytes < batchBytes) continue;
    await disk.commit({ commits: batch, forget: [], compactedRevision: 0 });
    [batch, bytes] = [[], 0];
  }
  // A change that changes nothing: a store is at the revision of its last change.
  const mark: StoreEvent = { type: 'delete', key: '/', modRevision: revision };
  batch.push({ revision, events: [mark] });
  await disk.commit({ commits: batch, forget: [], compactedRevision: revision });
}

export const holdsEmbeddedStore = (dir: string): boolean => existsSync(join(dir, fileName));

/**
 * Moves the store of `from` to `to`, in one step: a crash leaves there what was, or what is to be. Both must be closed.
 * Returns under which name the store that was there is kept.
 */
export async function moveEmbeddedStore(from: string, to: string): Promise<string | undefined> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  const file = join(to, fileName);
  const kept = holdsEmbeddedStore(to) ? `${file}.before` : undefined;
  if (kept) {
    await rm(kept, { force: true });
    await link(file, kept);
  }
  await rename(join(from, fileName), file);
  await rm(from, { recursive: true });
  const directory = await open(to);
  await directory.sync();
  await directory.close();
  return kept;
}
