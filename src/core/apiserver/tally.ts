/** What the objects of a kind count together against quotas, by namespace, kept up to date with every change. */
import { type Measure, measure, type Traits } from '../api/quota.ts';
import type { AnyKind, Entry } from './entry.ts';
import type { View } from './resource.ts';

/** Objects that the same quotas cover. */
export interface Group {
  readonly traits: Traits | undefined;
  readonly sums: Map<string, bigint>;
}

export class Tally implements View {
  readonly #kind: AnyKind;
  readonly #namespaces = new Map<string, Map<string, Group>>();

  constructor(kind: AnyKind) {
    this.#kind = kind;
  }

  groups(namespace: string): Iterable<Group> {
    return this.#namespaces.get(namespace)?.values() ?? [];
  }

  add(entry: Entry): void {
    this.#count(entry, 1n);
  }
  delete(entry: Entry): void {
    this.#count(entry, -1n);
  }

  /** Amounts are exact, so what everyone took away again is 0; such groups are few and stay. */
  #count({ object }: Entry, sign: bigint): void {
    const measured = measure(this.#kind, object);
    if (!measured) return;
    const { sums } = this.#group(object.metadata.namespace, measured);
    for (const [name, amount] of measured.amounts) sums.set(name, (sums.get(name) ?? 0n) + sign * amount);
  }

  #group(namespace: string, { traits }: Measure): Group {
    const groups = this.#namespaces.get(namespace) ?? new Map<string, Group>();
    this.#namespaces.set(namespace, groups);
    const key = JSON.stringify(traits ?? null);
    const group = groups.get(key) ?? { traits, sums: new Map() };
    groups.set(key, group);
    return group;
  }
}
