/** Writes down the history of a run, and when each revision was first heard of. */
import type { History, List, Operation, Seen, Watch } from './history.ts';

export class Notebook {
  readonly #operations: Operation[] = [];
  readonly #lists: List[] = [];
  readonly #watches: Watch[] = [];
  readonly #heard: { revision: number; at: number }[] = [];

  /** The greatest revision that anybody heard of; 0 at first. */
  get newest(): number {
    return this.#heard.at(-1)?.revision ?? 0;
  }

  get operations(): number {
    return this.#operations.length;
  }

  operation(operation: Operation): void {
    this.#operations.push(operation);
    if (operation.found) this.#hear(operation.found.revision);
  }

  list(list: List): void {
    this.#lists.push(list);
    this.#hear(list.revision);
  }

  watch(watch: Watch): void {
    this.#watches.push(watch);
  }

  seen({ revision }: Seen): void {
    this.#hear(revision);
  }

  /** For how long a revision as great as this one has been known. */
  knownForMs(revision: number): number {
    const first = this.#heard.find((heard) => heard.revision >= revision);
    return first ? performance.now() - first.at : 0;
  }

  history(retentionMs: number): History {
    return { operations: this.#operations, lists: this.#lists, watches: this.#watches, retentionMs };
  }

  #hear(revision: number): void {
    if (revision > this.newest) this.#heard.push({ revision, at: performance.now() });
  }
}
