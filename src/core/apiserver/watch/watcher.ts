/**
 * One open watch: a bounded queue that the hub fills and a stream empties. It holds references to shared items, so a
 * queue costs little; one that overflows belongs to a reader that is too slow, and the watch ends.
 */
import { type ApiError, expired } from '../../api/status.ts';
import type { Selection } from '../selection.ts';
import type { WatchItem, WatchRecord } from './item.ts';

/** Items taken before the rest of the queue is moved to the front. */
const trimAt = 1024;

export interface WatcherOptions {
  readonly selection: Selection;
  /** Only changes behind this revision are of interest. */
  readonly after: number;
  readonly bookmarks: boolean;
  readonly queueMax: number;
}

export class Watcher {
  readonly selection: Selection;
  readonly bookmarks: boolean;
  /** Only changes behind this revision are reported. */
  readonly after: number;
  #queueMax: number;
  #queue: WatchItem[] = [];
  #head = 0;
  /** History is still being read; what is live has to wait behind it. */
  #held = false;
  #ended = false;
  #error: ApiError | undefined;
  #overflowed = false;
  #wake: () => void = () => {};
  readonly #onStop: (() => void)[] = [];

  constructor({ selection, after, bookmarks, queueMax }: WatcherOptions) {
    this.selection = selection;
    this.bookmarks = bookmarks;
    this.after = after;
    this.#queueMax = queueMax;
  }

  /** The stream: `wake` is called when there may be something to take. */
  attach(wake: () => void): void {
    this.#wake = wake;
    wake();
  }

  take(): WatchItem | undefined {
    if (this.#held || this.#head === this.#queue.length) return undefined;
    const item = this.#queue[this.#head++];
    // What was taken is let go: at the end, and from time to time for a reader that never quite gets there.
    if (this.#head === this.#queue.length || this.#head === trimAt) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Items that wait to be taken. */
  get queued(): number {
    return this.#queue.length - this.#head;
  }

  /** No more items will come; those in the queue are still good. */
  get ended(): boolean {
    return this.#ended;
  }
  /** Why it ended, when not by time or wish. */
  get error(): ApiError | undefined {
    return this.#error;
  }
  /** The reader was too slow: what waited for it is gone. */
  get overflowed(): boolean {
    return this.#overflowed;
  }
  get held(): boolean {
    return this.#held;
  }

  /** What this watcher is to hear of it, if anything. */
  itemOf(record: WatchRecord): WatchItem | undefined {
    return record.change.revision > this.after ? record.itemFor(this.selection.matches) : undefined;
  }

  offer(record: WatchRecord): void {
    const item = this.itemOf(record);
    if (item) this.push(item);
  }

  push(item: WatchItem): void {
    if (this.#ended) return;
    this.#queue.push(item);
    if (this.#queue.length - this.#head > this.#queueMax) this.#overflow();
    this.#wake();
  }

  /** Items of the state, or of the past, at the start; they do not count against the bound. */
  begin(items: WatchItem[]): void {
    this.#queue = items;
    this.#queueMax += items.length;
  }

  hold(): void {
    this.#held = true;
  }

  /** The past is complete: first its items, then what came meanwhile. */
  release(past: WatchItem[]): void {
    this.#held = false;
    this.#queue = past.concat(this.#queue);
    this.#queueMax += past.length;
    this.#wake();
  }

  end(error?: ApiError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    // Without the past that should come first, what is queued would be a gap.
    if (this.#held) this.#queue = [];
    this.#held = false;
    this.stop();
    this.#wake();
  }

  onStop(fn: () => void): void {
    this.#onStop.push(fn);
  }

  /** The reader left. */
  stop(): void {
    this.#ended = true;
    for (const fn of this.#onStop.splice(0)) fn();
  }

  #overflow(): void {
    this.#queue = [];
    this.#head = 0;
    this.#overflowed = true;
    this.end(expired('the watch was too slow and lost events; list again'));
  }
}
