/** What one transaction changed, as it goes from a store to its watches. */
import type { StoreEvent } from './store.ts';

/** All changes of one transaction. */
export interface Commit {
  readonly revision: number;
  readonly events: readonly StoreEvent[];
}

export function keyOf(event: StoreEvent): string {
  return event.type === 'put' ? event.kv.key : event.key;
}

export function revisionOf(event: StoreEvent): number {
  return event.type === 'put' ? event.kv.modRevision : event.modRevision;
}

/** Puts events that come in order of revisions together into commits. */
export function* commitsOf(events: Iterable<StoreEvent>): Generator<Commit> {
  let revision = 0;
  let group: StoreEvent[] = [];
  for (const event of events) {
    if (revisionOf(event) !== revision) {
      if (group.length > 0) yield { revision, events: group };
      revision = revisionOf(event);
      group = [];
    }
    group.push(event);
  }
  if (group.length > 0) yield { revision, events: group };
}
