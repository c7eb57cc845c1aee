/** What `snapshot` says of a file. */
import type { Snapshot } from '../store/snapshot/index.ts';

/** `revision 4711, 812 keys, 1.2 MB`. */
export function describeSnapshot({ head, bytes }: Snapshot): string {
  return `revision ${head.revision}, ${head.keys} keys, ${(bytes / 1e6).toFixed(1)} MB`;
}

/** How many keys there are of each resource, the most first. */
export function countResources({ kvs }: Snapshot): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { key } of kvs) {
    const resource = key.split('/')[2] ?? '';
    counts.set(resource, (counts.get(resource) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)));
}
