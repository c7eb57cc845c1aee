/** The newest commits, kept in memory for watches that begin a little in the past, as after a list. */
import type { Commit } from './disk.ts';

const commitsMax = 4_096;
const bytesMax = 16 * 1024 * 1024;

export class RecentCommits {
  /** Without gaps: each commit's revision follows the one before. */
  #commits: Commit[] = [];
  #start = 0;
  #bytes = 0;

  add(commit: Commit): void {
    this.#commits.push(commit);
    this.#bytes += sizeOf(commit);
    while (this.#commits.length - this.#start > commitsMax || this.#bytes > bytesMax) {
      this.#bytes -= sizeOf(this.#commits[this.#start]!);
      this.#start++;
    }
    if (this.#start * 2 > this.#commits.length) {
      this.#commits = this.#commits.slice(this.#start);
      this.#start = 0;
    }
  }

  /** Commits from `revision` on, at most about `events` events; undefined when it lies before what is kept. */
  since(revision: number, events: number): Commit[] | undefined {
    const first = this.#commits[this.#start];
    if (!first || revision < first.revision) return undefined;
    const found: Commit[] = [];
    let size = 0;
    for (let i = this.#start + revision - first.revision; i < this.#commits.length && size < events; i++) {
      found.push(this.#commits[i]!);
      size += this.#commits[i]!.events.length;
    }
    return found;
  }
}

function sizeOf(commit: Commit): number {
  let size = 0;
  for (const event of commit.events) if (event.type === 'put') size += event.kv.value.length;
  return size;
}
