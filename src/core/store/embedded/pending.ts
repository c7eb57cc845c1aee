/** The state as it will be when everything accepted is on disk: the durable tree with the pending changes laid over it. */
import { type Commit, keyOf } from '../commit.ts';
import { compareKeys } from '../keys.ts';
import type { KeyValue, StoreEvent } from '../store.ts';
import type { View } from './decide.ts';
import type { Tree } from './tree.ts';

export class Pending implements View {
  readonly #tree: Tree;
  /** The last pending change of each key. */
  readonly #changes = new Map<string, StoreEvent>();

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  get(key: string): KeyValue | undefined {
    const change = this.#changes.get(key);
    if (!change) return this.#tree.get(key);
    return change.type === 'put' ? change.kv : undefined;
  }

  keys(prefix: string): string[] {
    const durable = this.#tree.keys(prefix).filter((key) => !this.#changes.has(key));
    const pending: string[] = [];
    for (const [key, change] of this.#changes) {
      if (change.type === 'put' && key.startsWith(prefix)) pending.push(key);
    }
    return pending.length === 0 ? durable : [...durable, ...pending].sort(compareKeys);
  }

  add(events: readonly StoreEvent[]): void {
    for (const event of events) this.#changes.set(keyOf(event), event);
  }

  /** The commit is in the tree now. */
  settle(commit: Commit): void {
    for (const event of commit.events) {
      const key = keyOf(event);
      if (this.#changes.get(key) === event) this.#changes.delete(key);
    }
  }

  clear(): void {
    this.#changes.clear();
  }
}
