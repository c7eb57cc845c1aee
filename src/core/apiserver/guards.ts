/**
 * Where several servers share a store, two of them could each let in a write that is right by itself, and both together
 * exceed a quota or take one address twice. A write that was decided on such common ground names its guard, a key of its
 * own: in the write's transaction the guard must be as it was when the decision was made, and is changed with it. So each
 * of these writes is decided on the state that the one before has left. Within one server they queue, since all but the
 * first of several at once would be decided in vain.
 */
import type { Compare, Op } from '../store/store.ts';
import type { Cache } from './cache.ts';
import { ownKeys } from './resource.ts';

const prefix = `${ownKeys}guards/`;
export const isGuard = (key: string): boolean => key.startsWith(prefix);

export interface Guard {
  readonly key: string;
  /** As it was before the decision. */
  readonly revision: number;
}

export class Guards {
  readonly #cache: Cache;
  /** The end of the last write that waits for a guard, or has it. */
  readonly #last = new Map<string, Promise<void>>();

  constructor(cache: Cache) {
    this.#cache = cache;
  }

  /** Resolves when no other write of this server has any of these guards; until it is given back none will. */
  async take(names: readonly string[]): Promise<{ guards: Guard[]; giveBack(): void }> {
    const keys = [...new Set(names)].sort().map((name) => prefix + name);
    const ends: (() => void)[] = [];
    // In order of names, so that two writes never wait for each other.
    for (const key of keys) ends.push(await this.#queue(key));
    return {
      guards: keys.map((key) => ({ key, revision: this.#cache.guardRevision(key) })),
      giveBack: () => {
        for (const end of ends) end();
      },
    };
  }

  async #queue(key: string): Promise<() => void> {
    const before = this.#last.get(key);
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = () => {
        if (this.#last.get(key) === ended) this.#last.delete(key);
        resolve();
      };
    });
    this.#last.set(key, ended);
    await before;
    return end;
  }
}

export const unmoved = ({ key, revision }: Guard): Compare => ({ key, target: 'mod', is: '=', value: revision });

/** `by` is the key whose write moves it, for whoever looks into the store. */
export const move = ({ key }: Guard, by: string): Op => ({ type: 'put', key, value: Buffer.from(by) });
