/** Clients that watch: they begin in every way there is, and resume where a stream has ended. */
import { pick, type Random } from '../../src/core/async/random.ts';
import { NotSentError } from './api.ts';
import { Client, colors, names, namespaces, oneOf, type World } from './clients.ts';
import type { Connection, Selection, Watch } from './history.ts';

const timeoutSecondsMax = 4;
/** Streams until a watcher begins anew. */
const resumesMax = 12;

/** What the nth watcher asks for: everything first, then narrower and narrower. */
export function selectionOf(n: number, random: Random): Selection {
  const namespace = oneOf(random, namespaces);
  const name = oneOf(random, names);
  const color = oneOf(random, colors);
  const kinds: Selection[] = [{}, { namespace }, { color }, { namespace, name }, { namespace, color }, {}, { name }];
  return kinds[n % kinds.length]!;
}

export class Watcher {
  readonly #world: World;
  readonly #id: number;
  readonly #selection: Selection;
  readonly #lister: Client;
  #begun = 0;

  constructor(world: World, id: number) {
    this.#world = world;
    this.#id = id;
    this.#selection = selectionOf(id, world.random);
    this.#lister = new Client(world, 1_000 + id);
  }

  async run(): Promise<void> {
    while (!this.#world.stop.aborted) {
      const start = await this.#start();
      if (start) await this.#follow(start.watch, start.after);
    }
  }

  /** With a list, with the objects as events, or somewhere in the past. */
  async #start(): Promise<{ watch: Watch; after: number | undefined } | undefined> {
    const { random, notebook } = this.#world;
    const selection = this.#selection;
    const watch: Watch = { id: this.#id * 1_000 + this.#begun++, selection, connections: [] };
    switch (pick(random, 3)) {
      case 0: {
        const list = await this.#lister.list(selection);
        if (!list) return undefined;
        return { watch: { ...watch, list: list.items }, after: list.revision };
      }
      case 1:
        return { watch, after: undefined };
      default:
        return { watch, after: Math.max(1, notebook.newest - pick(random, 200)) };
    }
  }

  async #follow(watch: Watch, start: number | undefined): Promise<void> {
    const { random, notebook } = this.#world;
    notebook.watch(watch);
    let after = start;
    for (let left = pick(random, resumesMax) + 1; left > 0 && !this.#world.stop.aborted; left--) {
      const connection = await this.#connect(watch, after);
      if (!connection) continue;
      if (connection.end === 'expired') return;
      const begun =
        after !== undefined || connection.seen.some((entry) => entry.type === 'BOOKMARK' && entry.initialEnd);
      // Objects without the mark that ends them are no state that could be resumed from.
      if (!begun) return;
      after = connection.seen.reduce((max, { revision }) => Math.max(max, revision), after ?? 0);
    }
  }

  /** Undefined when there was nobody to connect to. */
  async #connect(watch: Watch, after: number | undefined): Promise<Connection | undefined> {
    const { api, random, notebook, stop } = this.#world;
    const server = oneOf(random, await this.#world.servers());
    const connection: Connection = { after, begun: performance.now(), seen: [], end: 'open' };
    watch.connections.push(connection);
    try {
      connection.end = await api.watch({
        server,
        selection: this.#selection,
        after,
        timeoutSeconds: 1 + pick(random, timeoutSecondsMax),
        signal: stop,
        seen: (entry) => {
          connection.seen.push(entry);
          notebook.seen(entry);
        },
      });
    } catch (error) {
      connection.end = 'cut';
      if (error instanceof NotSentError) watch.connections.pop();
    }
    if (connection.end === 'expired') connection.knownForMs = notebook.knownForMs(after!);
    return watch.connections.at(-1) === connection ? connection : undefined;
  }
}
