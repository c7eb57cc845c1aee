/**
 * What happened, put together from everything that anybody saw of it: for each key the revisions at which it was written or
 * deleted. Two who saw different things at one revision are a violation by themselves.
 */
import { concerns, type History, type Item, isEvent, type Selection, type Violation, type Watch } from './history.ts';

export interface Change {
  key: string;
  revision: number;
  /** Undefined: deleted. */
  value: string | undefined;
}

export class Truth {
  readonly violations: Violation[] = [];
  readonly #changes = new Map<string, Map<number, Change>>();
  readonly #byKey = new Map<string, Change[]>();
  #all: Change[] = [];
  /** Ranges of revisions of which some watch of everything has told all: without gaps between them, sorted. */
  #covered: { after: number; upTo: number }[] = [];

  static of(history: History): Truth {
    const truth = new Truth();
    for (const { key, found } of history.operations) if (found) truth.#add({ key, ...found });
    for (const { items } of history.lists) for (const item of items) truth.#add(item);
    for (const watch of history.watches) truth.#addWatch(watch);
    for (const [key, changes] of truth.#changes) truth.#byKey.set(key, inOrder(changes.values()));
    truth.#all = inOrder([...truth.#byKey.values()].flat());
    truth.#covered = coveredBy(history.watches);
    return truth;
  }

  keys(): string[] {
    return [...this.#byKey.keys()];
  }

  /** By value: of every version that anybody saw. */
  revisions(): Map<string, number> {
    return new Map(
      this.#all.flatMap(({ value, revision }) => (value === undefined ? [] : [[value, revision] as const])),
    );
  }

  /** Changes of the key in order of revisions. */
  of(key: string): readonly Change[] {
    return this.#byKey.get(key) ?? [];
  }

  /** The last change at or before `revision`, if one is known. */
  at(key: string, revision: number): Change | undefined {
    const changes = this.of(key);
    return changes[behind(changes, revision) - 1];
  }

  /** What happened to the keys of a selection behind `after` and up to `upTo`, in order of revisions. */
  between(selection: Selection, after: number, upTo: number): Change[] {
    const changes = this.#all.slice(behind(this.#all, after), behind(this.#all, upTo));
    return changes.filter(({ key }) => concerns(selection, key));
  }

  /** Whether every change behind `after` up to `upTo` is known. */
  covers(after: number, upTo: number): boolean {
    return after >= upTo || this.#covered.some((range) => range.after <= after && upTo <= range.upTo);
  }

  #addWatch({ selection, list, connections }: Watch): void {
    for (const item of list ?? []) this.#add(item);
    for (const event of connections.flatMap(({ seen }) => seen.filter(isEvent))) {
      const { key, value, revision } = event;
      if (event.type !== 'DELETED') this.#add({ key, value, revision });
      // With a selector the object may have left the selection only.
      else if (selection.color === undefined) this.#add({ key, value: undefined, revision });
    }
  }

  #add({ key, revision, value }: Change | Item): void {
    const changes = this.#changes.get(key) ?? new Map<number, Change>();
    this.#changes.set(key, changes);
    const known = changes.get(revision);
    if (!known) changes.set(revision, { key, revision, value });
    else if (known.value !== value) {
      const words = (text: string | undefined) => text ?? 'deleted';
      const message = `${key} at revision ${revision} was ${words(known.value)} to one client and ${words(value)} to another`;
      this.violations.push({ promise: 'one truth', message, evidence: [known, { key, revision, value }] });
    }
  }
}

/** How far a connection's stream has told everything: up to the last event or bookmark. */
export function coverage({ after, seen }: Watch['connections'][number]): { after: number; upTo: number } | undefined {
  const start = seen.findIndex((entry) => entry.type === 'BOOKMARK' && entry.initialEnd);
  const begin = after ?? seen[start]?.revision;
  if (begin === undefined) return undefined;
  const upTo = seen.slice(start + 1).reduce((max, { revision }) => Math.max(max, revision), begin);
  return { after: begin, upTo };
}

function coveredBy(watches: readonly Watch[]): { after: number; upTo: number }[] {
  const ranges = watches
    .filter(({ selection }) => Object.keys(selection).length === 0)
    .flatMap(({ connections }) => connections.flatMap((connection) => coverage(connection) ?? []))
    .sort((a, b) => a.after - b.after);
  const united: { after: number; upTo: number }[] = [];
  for (const { after, upTo } of ranges) {
    const last = united.at(-1);
    if (last && after <= last.upTo) last.upTo = Math.max(last.upTo, upTo);
    else united.push({ after, upTo });
  }
  return united;
}

const inOrder = (changes: Iterable<Change>) => [...changes].sort((a, b) => a.revision - b.revision);

/** How many of them lie at or before `revision`. */
function behind(changes: readonly Change[], revision: number): number {
  let [low, high] = [0, changes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (changes[middle]!.revision <= revision) low = middle + 1;
    else high = middle;
  }
  return low;
}
