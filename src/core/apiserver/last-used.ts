/** What was used last, as far as it fits: the rest is told to forget what can be made again. */
export interface Forgetful {
  forget(): void;
}

/**
 * Two generations. What is used belongs to the younger one; when that has grown to `bytesMax`, the older one forgets all
 * that was not used since, and the younger takes its place. Whoever notes the generation it was last used in need not
 * say so again before the next one.
 */
export class LastUsed<T extends Forgetful> {
  generation = 0;
  readonly #bytesMax: number;
  #young = new Set<T>();
  #old = new Set<T>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  use(one: T, bytes: number): void {
    this.#old.delete(one);
    this.#young.add(one);
    this.#bytes += bytes;
    if (this.#bytes <= this.#bytesMax) return;
    for (const unused of this.#old) unused.forget();
    [this.#old, this.#young] = [this.#young, new Set()];
    this.#bytes = 0;
    this.generation++;
  }
}
