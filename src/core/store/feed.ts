/**
 * The watch feed: tells every commit, once it is durable, to the watches it concerns. A watch that begins in the past
 * is first led through the history in small steps, then joins the live ones.
 */
import type { Clock, Timer } from '../async/clock.ts';
import type { Logger } from '../async/log.ts';
import { type Commit, keyOf } from './commit.ts';
import { RecentCommits } from './recent.ts';
import { CompactedError, type StoreEvent, type StoreWatch, type WatchListener, type WatchOptions } from './store.ts';

/** What the feed asks for when a watch begins before the recent commits. */
export interface Past {
  readonly compactedRevision: number;
  /**
   * Commits from `revision` on, about `events` events of them; none only when there are none up to now. Rejects with
   * CompactedError when some are gone.
   */
  scan(revision: number, events: number): readonly Commit[] | Promise<readonly Commit[]>;
}

interface Watch {
  readonly prefix: string;
  readonly listener: WatchListener;
  /** Everything before this revision has been told. */
  next: number;
}

/** Events told to a watch in one turn while it catches up: a few milliseconds. */
const stepEvents = 500;
/** Often enough for the bookmarks that kube-apiserver sends each minute; etcd itself tells progress every ten minutes. */
const progressEveryMs = 10_000;

export class Feed {
  readonly #past: Past;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #watches = new Set<Watch>();
  /** Watches that have been told everything, by prefix. Their `next` is not moved by commits that do not concern them. */
  readonly #live = new Map<string, Set<Watch>>();
  /** The different lengths of those prefixes, so that a key finds its watches without looking at all of them. */
  #lengths: number[] = [];
  #recent: RecentCommits;
  #revision: number;
  #progressTimer: Timer | undefined;
  #ended: Error | undefined;

  constructor(options: { past: Past; revision: number; clock: Clock; log: Logger }) {
    this.#past = options.past;
    this.#recent = new RecentCommits(options.revision);
    this.#revision = options.revision;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** Everything up to here has been told to the watches that are not in the past. */
  get revision(): number {
    return this.#revision;
  }

  /** What was told at `revision`, if that was not long ago. */
  commitAt(revision: number): Commit | undefined {
    const commit = this.#recent.since(revision, 1)?.[0];
    return commit?.revision === revision ? commit : undefined;
  }

  get size(): number {
    return this.#watches.size;
  }

  watch({ prefix, startRevision }: WatchOptions, listener: WatchListener): StoreWatch {
    const watch: Watch = { prefix, listener, next: startRevision || this.#revision + 1 };
    this.#watches.add(watch);
    setImmediate(() => this.#catchUp(watch));
    return { close: () => this.#remove(watch) };
  }

  /** `commits` became durable, in order. */
  publish(commits: readonly Commit[]): void {
    for (const commit of commits) {
      this.#recent.add(commit);
      this.#revision = commit.revision;
    }
    if (this.#live.size === 0) return;
    for (const commit of commits) this.#tell(commit);
    this.#progressTimer ??= this.#clock.after(progressEveryMs, () => this.#progress());
  }

  /** Nothing that concerns anybody happened up to `revision`. */
  advance(revision: number): void {
    if (revision <= this.#revision) return;
    this.#revision = revision;
    this.#progress();
  }

  /** Events were lost: ends all watches and begins anew at `revision`. */
  restart(revision: number, error: Error): void {
    this.#revision = revision;
    this.#recent = new RecentCommits(revision);
    for (const watch of this.#watches) this.#fail(watch, error);
  }

  /** Ends all watches, also those that come later. */
  end(error: Error): void {
    this.#ended = error;
    this.#progressTimer?.cancel();
    for (const watch of this.#watches) this.#fail(watch, error);
  }

  #tell(commit: Commit): void {
    const [first] = commit.events;
    if (commit.events.length === 1) {
      for (const watch of this.#watchesOf(keyOf(first!))) this.#events(watch, commit.revision, commit.events);
      return;
    }
    const told = new Map<Watch, StoreEvent[]>();
    for (const event of commit.events) {
      for (const watch of this.#watchesOf(keyOf(event))) {
        const events = told.get(watch);
        if (events) events.push(event);
        else told.set(watch, [event]);
      }
    }
    for (const [watch, events] of told) this.#events(watch, commit.revision, events);
  }

  *#watchesOf(key: string): Generator<Watch> {
    for (const length of this.#lengths) {
      if (length > key.length) continue;
      const watches = this.#live.get(key.slice(0, length));
      if (watches) yield* watches;
    }
  }

  #events(watch: Watch, revision: number, events: readonly StoreEvent[]): void {
    if (revision < watch.next || !this.#watches.has(watch)) return;
    watch.next = revision + 1;
    this.#call(watch, () => watch.listener.events(revision, events));
  }

  /** One step through the past; at its end the watch joins the live ones. */
  #catchUp(watch: Watch): void {
    if (!this.#watches.has(watch)) return;
    if (this.#ended) {
      this.#fail(watch, this.#ended);
      return;
    }
    const { compactedRevision } = this.#past;
    if (watch.next <= compactedRevision) {
      this.#fail(watch, new CompactedError(compactedRevision));
      return;
    }
    const upTo = this.#revision;
    const commits = this.#since(watch.next);
    if (!(commits instanceof Promise)) this.#lead(watch, commits, upTo);
    else {
      commits.then(
        (late) => this.#lead(watch, late, upTo),
        (error) => this.#fail(watch, this.#ended ?? error),
      );
    }
  }

  /** `found` is what the past has from `watch.next` on, or all that it has up to `upTo`. */
  #lead(watch: Watch, found: readonly Commit[], upTo: number): void {
    if (!this.#watches.has(watch)) return;
    // What is durable may be ahead of what is published.
    const commits = found.filter((commit) => commit.revision <= upTo);
    for (const { revision, events } of commits) {
      const matching = events.filter((event) => keyOf(event).startsWith(watch.prefix));
      if (matching.length > 0) this.#events(watch, revision, matching);
      watch.next = revision + 1;
    }
    if (commits.length === 0) watch.next = Math.max(watch.next, upTo + 1);
    if (watch.next <= this.#revision) setImmediate(() => this.#catchUp(watch));
    else if (this.#watches.has(watch)) this.#join(watch);
  }

  #since(revision: number): readonly Commit[] | Promise<readonly Commit[]> {
    if (revision > this.#revision) return [];
    return this.#recent.since(revision, stepEvents) ?? this.#past.scan(revision, stepEvents);
  }

  #join(watch: Watch): void {
    const watches = this.#live.get(watch.prefix);
    if (watches) watches.add(watch);
    else this.#live.set(watch.prefix, new Set([watch]));
    this.#lengths = lengthsOf(this.#live);
    this.#call(watch, () => watch.listener.progress?.(this.#revision));
  }

  #progress(): void {
    this.#progressTimer?.cancel();
    this.#progressTimer = undefined;
    for (const watches of this.#live.values()) {
      for (const watch of watches) {
        if (watch.next > this.#revision) continue;
        watch.next = this.#revision + 1;
        this.#call(watch, () => watch.listener.progress?.(this.#revision));
      }
    }
  }

  /** A listener that throws loses its watch; the store and the other watches go on. */
  #call(watch: Watch, tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#log.error(`a watch of ${watch.prefix} ends because its listener threw: ${(error as Error).stack}`);
      this.#fail(watch, error as Error);
    }
  }

  #fail(watch: Watch, error: Error): void {
    if (!this.#remove(watch)) return;
    try {
      watch.listener.error(error);
    } catch (thrown) {
      this.#log.error(`the listener of a watch of ${watch.prefix} threw at its end: ${(thrown as Error).stack}`);
    }
  }

  #remove(watch: Watch): boolean {
    const watches = this.#live.get(watch.prefix);
    if (watches?.delete(watch) && watches.size === 0) {
      this.#live.delete(watch.prefix);
      this.#lengths = lengthsOf(this.#live);
    }
    return this.#watches.delete(watch);
  }
}

function lengthsOf(prefixes: Map<string, unknown>): number[] {
  return [...new Set([...prefixes.keys()].map((prefix) => prefix.length))];
}
