/** /kubecfg/snapshot: the whole state at one revision, while writes go on. */
import { timestamp } from '../../api/time.ts';
import type { Clock } from '../../async/clock.ts';
import { snapshotBytes, snapshotType } from '../../store/snapshot/index.ts';
import type { Store } from '../../store/store.ts';
import type { Discovery } from '../discovery.ts';
import { ownKeys, registry } from '../resource.ts';

export interface SnapshotSource {
  readonly store: Store;
  readonly clock: Clock;
  readonly version: string;
  /** The record of the cluster as it is now, where this server knows one. */
  cluster(): object | undefined;
}

export function addSnapshot(discovery: Discovery, source: SnapshotSource): void {
  discovery.add('/kubecfg/snapshot', async () => ({ body: await takeSnapshot(source), contentType: snapshotType }));
}

/** One read, so the store holds nothing back while the answer is on its way: stored bytes never change. */
export async function takeSnapshot({ store, clock, version, cluster }: SnapshotSource): Promise<Generator<Buffer>> {
  const { kvs, revision } = await store.range({ prefix: registry });
  const head = { revision, createdAt: timestamp(clock.now()), version, cluster: cluster() };
  return snapshotBytes(head, kvs.filter(isObject));
}

/** What servers tell each other is about the store that they share. */
export const isObject = ({ key }: { key: string }): boolean => !key.startsWith(ownKeys);
