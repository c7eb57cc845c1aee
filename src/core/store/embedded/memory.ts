/** The disk of a store without a directory: durable as long as the process. */
import { setImmediate } from 'node:timers/promises';
import { type Commit, keyOf } from '../commit.ts';
import type { StoreEvent } from '../store.ts';
import type { Disk } from './disk.ts';
import { BTree } from './sorted.ts';

export function memoryDisk(): Disk {
  const kept = new BTree<number, Map<string, StoreEvent>>();

  function forget(key: string, revision: number): void {
    const events = kept.get(revision);
    events?.delete(key);
    if (events?.size === 0) kept.delete(revision);
  }

  return {
    compactedRevision: 0,
    load: () => [],
    async commit(batch) {
      await setImmediate(); // as with a real disk, other work gets its turn between two batches
      for (const { revision, events } of batch.commits) kept.set(revision, new Map(events.map((e) => [keyOf(e), e])));
      for (const { key, revision } of batch.forget) forget(key, revision);
    },
    read(key, revision) {
      const event = kept.get(revision)?.get(key);
      return event?.type === 'put' ? event.kv : undefined;
    },
    scan(from, limit) {
      const commits: Commit[] = [];
      let size = 0;
      for (const [revision, events] of kept.entries(from)) {
        commits.push({ revision, events: [...events.values()] });
        size += events.size;
        if (size >= limit) break;
      }
      return commits;
    },
    space: () => ({ bytes: 0, freeBytes: 0 }),
    async close() {
      kept.clear();
    },
  };
}
