/** What was before the recent commits: read from etcd by a watch of its own, which ends where the feed's has come to. */
import type { IEvent } from 'etcd3';
import type { Clock } from '../../async/clock.ts';
import type { Commit } from '../commit.ts';
import type { Past } from '../feed.ts';
import { CompactedError, type StoreEvent } from '../store.ts';
import type { Keyspace } from './keyspace.ts';
import type { CallOptions, Link } from './link.ts';
import { toEvent } from './messages.ts';
import type { Session } from './session.ts';

export interface HistoryOptions {
  link: Link;
  keyspace: Keyspace;
  clock: Clock;
  /** Writes a key of the store's own, and resolves when the feed has been told of it. */
  writeMark(): Promise<void>;
}

export class History implements Past {
  /** As far as it is known: somebody else may have compacted since. */
  compactedRevision = 0;
  /** Of the last event that the feed's watch was told, marks among them; 0 when events before may have been missed. */
  lastEvent = 0;
  readonly #options: HistoryOptions;

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  compactedTo(revision: number): void {
    this.compactedRevision = Math.max(this.compactedRevision, revision);
  }

  async scan(revision: number, events: number): Promise<Commit[]> {
    const { link, writeMark } = this.#options;
    // A watch says nothing when nothing is left to tell; there must be an event to stop at.
    if (this.lastEvent === 0) await writeMark();
    const until = this.lastEvent;
    return link.call(true, (session, call) => this.#read(session, call, { revision, until, events }));
  }

  #read(session: Session, { deadline }: CallOptions, wanted: { revision: number; until: number; events: number }) {
    const { keyspace, clock } = this.#options;
    return new Promise<Commit[]>((resolve, reject) => {
      const found: Commit[] = [];
      let size = 0;
      const late = () => finish(new Error('4 DEADLINE_EXCEEDED: no answer to a watch of the past'));
      const finish = (error?: Error) => {
        timer.cancel();
        watch.close();
        if (error) reject(error);
        else resolve(found);
      };
      const timer = clock.after(Math.max(deadline - Date.now(), 1), late);
      const watch = session.watch({
        ...keyspace.all,
        // etcd lets a watch begin at the compacted revision, whose deletions are gone; one earlier it does not.
        startRevision: Math.max(wanted.revision - 1, 1),
        events: (raw) => {
          for (const { revision, events } of commitsOf(raw, keyspace, wanted.revision)) {
            if (events.length > 0) found.push({ revision, events });
            size += events.length;
          }
          if (revisionOfRaw(raw.at(-1)!) >= wanted.until || size >= wanted.events) finish();
        },
        compacted: (revision) => {
          this.compactedTo(revision);
          finish(new CompactedError(revision));
        },
      });
    });
  }
}

const revisionOfRaw = ({ kv }: IEvent) => Number(kv.mod_revision);

/** What was told, by transactions, from revision `first` on. Those that concern marks only have no events. */
export function commitsOf(raw: readonly IEvent[], keyspace: Keyspace, first: number): Commit[] {
  const commits: { revision: number; events: StoreEvent[] }[] = [];
  for (const item of raw) {
    const revision = revisionOfRaw(item);
    if (revision < first) continue;
    if (commits.at(-1)?.revision !== revision) commits.push({ revision, events: [] });
    const event = toEvent(item, keyspace);
    if (event) commits.at(-1)!.events.push(event);
  }
  return commits;
}
