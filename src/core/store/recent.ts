/** The newest commits, kept in memory for watches that begin a little in the past, as after a list. */
import type { Commit } from './commit.ts';

const commitsMax = 4_096;
const bytesMax = 16 * 1024 * 1024;

export class RecentCommits {
  /** All that came behind this revision are kept. */
  #floor: number;
  #commits: Commit[] = [];
  #start = 0;
  #bytes = 0;

  constructor(floor: number) {
    this.#floor = floor;
  }

  add(commit: Commit): void {
    this.#commits.push(commit);
    this.#bytes += sizeOf(commit);
    while (this.#commits.length - this.#start > commitsMax || this.#bytes > bytesMax) {
      const oldest = this.#commits[this.#start++]!;
      this.#bytes -= sizeOf(oldest);
      this.#floor = oldest.revision;
    }
    if (this.#start * 2 > this.#commits.length) {
      this.#commits = this.#commits.slice(this.#start);
      this.#start = 0;
    }
  }

  /** Commits from `revision` on, at most about `events` events; undefined when it lies before what is kept. */
  since(revision: number, events: number): Commit[] | undefined {
    if (revision <= this.#floor) return undefined;
    const found: Commit[] = [];
    let size = 0;
    for (let i = this.#firstFrom(revision); i < this.#commits.length && size < events; i++) {
      found.push(this.#commits[i]!);
      size += this.#commits[i]!.events.length;
    }
    return found;
  }

  /** Revisions may be missing where other keys than the store's were written. */
  #firstFrom(revision: number): number {
    let [low, high] = [this.#start, this.#commits.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#commits[middle]!.revision < revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function sizeOf(commit: Commit): number {
  let size = 0;
  for (const event of commit.events) if (event.type === 'put') size += event.kv.value.length;
  return size;
}
