/**
 * Snapshots: the state of a store at one revision as a file, and the rule for revisions of a store that is made of one.
 * May import core/async and the contract in ../store.ts.
 */
export { SnapshotError, type SnapshotHead, snapshotBytes, snapshotType } from './format.ts';
export { readSnapshot, type Snapshot } from './read.ts';

/** As etcdutl's --bump-revision is commonly given. */
const bump = 1_000_000_000;
/** More than any store makes. */
const revisionsPerSecond = 100_000;

/**
 * Where a store made of a snapshot begins: above every revision that its source may have handed out since, or that
 * another store made of the same snapshot before may have. Clients that know a later state than the snapshot's then ask
 * for revisions that count as compacted, are told so (410), and list again; none mistakes old data for new.
 */
export function revisionAfter({ revision, createdAt }: { revision: number; createdAt: string }, now: number): number {
  const seconds = Math.max(0, Math.ceil((now - Date.parse(createdAt)) / 1000));
  return revision + bump + seconds * revisionsPerSecond;
}
