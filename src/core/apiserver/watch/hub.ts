/**
 * All open watches. A change reaches the watchers it may concern by looking them up, never by asking all of them:
 * each sits in one bucket, named by the keys or by the field value it asked for.
 */
import type { Clock, Timer } from '../../async/clock.ts';
import type { Store } from '../../store/store.ts';
import type { Cache, CacheListener } from '../cache.ts';
import type { AnyKind } from '../entry.ts';
import type { Change, Resource } from '../resource.ts';
import type { Selection } from '../selection.ts';
import { Channel } from './channel.ts';
import { readHistory } from './history.ts';
import { bookmark, WatchItem } from './item.ts';
import { Watcher } from './watcher.ts';

/** As often as kube-apiserver does. */
const bookmarkEveryMs = 60_000;

export interface WatchLimits {
  /** Events a watcher may lag behind before it is cut off. */
  readonly queueMax: number;
  /** Recent changes kept per kind, so that most watches need not ask the store for the past. */
  readonly recentMax: number;
}

export interface WatchStart {
  /** Report what came after this revision; undefined begins with all objects that are there. */
  readonly after: number | undefined;
  /** Begin with all objects, and mark the end of them by a bookmark. */
  readonly markInitialEnd: boolean;
  readonly bookmarks: boolean;
  readonly timeoutSeconds: number | undefined;
}

export class WatchHub implements CacheListener {
  readonly #cache: Cache;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #limits: WatchLimits;
  readonly #channels = new Map<Resource, Channel>();
  readonly #watchers = new Set<Watcher>();
  #bookmarkTimer: Timer | undefined;

  constructor(cache: Cache, store: Store, clock: Clock, limits: WatchLimits) {
    this.#cache = cache;
    this.#store = store;
    this.#clock = clock;
    this.#limits = limits;
    cache.listen(this);
  }

  open(resource: Resource, selection: Selection, start: WatchStart): Watcher {
    const channel = this.#channel(resource);
    const { after, bookmarks } = start;
    const watcher = new Watcher({
      selection,
      after: after ?? this.#cache.revision,
      bookmarks,
      queueMax: this.#limits.queueMax,
    });
    if (after === undefined) watcher.begin(this.#initialItems(resource, selection, start.markInitialEnd));
    else if (after >= channel.floor) channel.replay(watcher);
    else this.#replayHistory(resource, watcher, after);
    this.#register(channel, watcher, start.timeoutSeconds);
    return watcher;
  }

  /** How many watches are open. */
  get watchers(): number {
    return this.#watchers.size;
  }
  /** How many events all of them have not read yet. */
  get queued(): number {
    let sum = 0;
    for (const watcher of this.#watchers) sum += watcher.queued;
    return sum;
  }

  changed(resource: Resource, changes: readonly Change[]): void {
    this.#channel(resource).report(changes);
  }

  gap(revision: number): void {
    for (const channel of this.#channels.values()) channel.forget(revision);
  }

  /** Ends every watch as a timeout would: clients come again and resume. */
  close(): void {
    for (const watcher of [...this.#watchers]) watcher.end();
    this.#bookmarkTimer?.cancel();
  }

  #channel(resource: Resource): Channel {
    let channel = this.#channels.get(resource);
    if (!channel) {
      channel = new Channel(resource.kind, this.#cache.revision, this.#limits.recentMax);
      this.#channels.set(resource, channel);
    }
    return channel;
  }

  #initialItems(resource: Resource, selection: Selection, markEnd: boolean): WatchItem[] {
    const items: WatchItem[] = [];
    for (const entry of selection.entries(resource)) items.push(new WatchItem('ADDED', entry));
    if (markEnd) items.push(bookmark(resource.kind, this.#cache.revision, true));
    return items;
  }

  #replayHistory(resource: Resource, watcher: Watcher, after: number): void {
    watcher.hold();
    const reading = readHistory({
      store: this.#store,
      kind: resource.kind,
      prefix: resource.prefixOf(watcher.selection.namespace),
      after,
      upTo: this.#cache.revision,
      // A reader that was cut off because it lagged behind by the one has to find the other longer.
      itemsMax: 2 * this.#limits.queueMax,
      selection: watcher.selection,
    });
    watcher.onStop(reading.cancel);
    reading.items.then(
      (items) => watcher.release(items),
      (error) => watcher.end(error),
    );
  }

  #register(channel: Channel, watcher: Watcher, timeoutSeconds: number | undefined): void {
    channel.add(watcher);
    this.#watchers.add(watcher);
    const timer =
      timeoutSeconds === undefined
        ? undefined
        : this.#clock.after(timeoutSeconds * 1000, () => {
            this.#mark(channel.kind, watcher);
            watcher.end();
          });
    watcher.onStop(() => {
      timer?.cancel();
      channel.delete(watcher);
      this.#watchers.delete(watcher);
    });
    this.#bookmarkTimer ??= this.#clock.after(bookmarkEveryMs, () => this.#markAll());
  }

  #markAll(): void {
    this.#bookmarkTimer = undefined;
    if (this.#watchers.size === 0) return;
    for (const channel of this.#channels.values()) {
      for (const watcher of channel.watchers()) this.#mark(channel.kind, watcher);
    }
    this.#bookmarkTimer = this.#clock.after(bookmarkEveryMs, () => this.#markAll());
  }

  #mark(kind: AnyKind, watcher: Watcher): void {
    if (watcher.bookmarks && !watcher.held && watcher.after <= this.#cache.revision)
      watcher.push(bookmark(kind, this.#cache.revision));
  }
}
