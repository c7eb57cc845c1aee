/** Clients that write and read at random, and write down what they asked and what they were answered. */
import { pick, type Random } from '../../src/core/async/random.ts';
import { type Answer, type Api, itemOf, NotSentError, objectOf, objectPath, pathOf } from './api.ts';
import type { CallName, Item, List, Operation, Selection, Version } from './history.ts';
import type { Notebook } from './notebook.ts';

export const namespaces = ['east', 'west'];
export const colors = ['red', 'green', 'blue'];
export const names = ['a', 'b', 'c', 'd', 'e'];
const keys = namespaces.flatMap((namespace) => names.map((name) => `${namespace}/${name}`));

export interface World {
  api: Api;
  /** Servers that answer, as far as is known; waits for the first. */
  servers(): Promise<string[]>;
  notebook: Notebook;
  random: Random;
  /** Ends all work. */
  stop: AbortSignal;
}

/** One of them, at random. */
export const oneOf = <T>(random: Random, all: readonly T[]): T => all[pick(random, all.length)]!;

/** How often each call is made. */
const calls: readonly CallName[] = [
  'get',
  'get',
  'get',
  'create',
  'create',
  'put',
  'put',
  'swap',
  'swap',
  'swap',
  'delete',
];
const listEvery = 40;
const looseEvery = 15;
/** Pages of a list in several; there are ten objects. */
const pageSize = 3;

export class Client {
  readonly #world: World;
  readonly #id: number;
  /** The last versions this client saw of each key, for swaps; also old ones, which must fail. */
  readonly #known = new Map<string, number>();
  #written = 0;

  constructor(world: World, id: number) {
    this.#world = world;
    this.#id = id;
  }

  /** Works until the world stops, with about `restMs` between two requests. */
  async run(restMs: number): Promise<void> {
    const { random, stop } = this.#world;
    while (!stop.aborted) {
      await this.#step().catch(ignoreNotSent);
      await new Promise((resolve) => setTimeout(resolve, 2 * restMs * random.next()));
    }
  }

  async #step(): Promise<void> {
    const { random } = this.#world;
    if (pick(random, listEvery) === 0) return void (await this.list(this.#anySelection(), pick(random, 2) === 0));
    const key = oneOf(random, keys);
    if (pick(random, looseEvery) === 0) return this.#operate({ key, call: 'get', notOlderThan: this.#looseRevision() });
    const call = oneOf(random, calls);
    const expected = this.#known.get(key);
    if (call === 'get') return this.#operate({ key, call });
    if (call === 'delete') return this.#operate({ key, call, ...(expected && pick(random, 2) === 0 && { expected }) });
    const value = `${oneOf(random, colors)}-${this.#id}-${++this.#written}`;
    if (call !== 'swap') return this.#operate({ key, call, value });
    if (expected === undefined) return this.#operate({ key, call: 'get' });
    return this.#operate({ key, call, value, expected });
  }

  #looseRevision(): number {
    const { random, notebook } = this.#world;
    return pick(random, 2) === 0 ? 0 : notebook.newest;
  }

  #anySelection(): Selection {
    const { random } = this.#world;
    return {
      ...(pick(random, 2) && { namespace: oneOf(random, namespaces) }),
      ...(pick(random, 2) && { color: oneOf(random, colors) }),
    };
  }

  async #operate(asked: Pick<Operation, 'key' | 'call' | 'value' | 'expected' | 'notOlderThan'>): Promise<void> {
    const { api, notebook, random } = this.#world;
    const server = oneOf(random, await this.#world.servers());
    const operation: Operation = { client: this.#id, ...asked, begun: performance.now(), outcome: 'unknown' };
    try {
      const answer = await send(api, server, operation);
      operation.ended = performance.now();
      Object.assign(operation, outcomeOf(operation, answer));
      if (operation.found) this.#learn(asked.key, operation.found);
    } catch (error) {
      if (error instanceof NotSentError) throw error;
    }
    if (operation.outcome === 'unknown') delete operation.ended;
    notebook.operation(operation);
  }

  /** Lists what is there, in one page or, of one revision, in several. */
  async list(selection: Selection, inPages = false): Promise<List | undefined> {
    const { api, notebook, random } = this.#world;
    const server = oneOf(random, await this.#world.servers());
    const begun = performance.now();
    const items: Item[] = [];
    let page: Answer | undefined;
    do {
      const query = new URLSearchParams(inPages ? { limit: `${pageSize}` } : {});
      if (page) query.set('continue', page.body.metadata.continue);
      page = await api.call(server, 'GET', pathOf(selection, query)).catch(() => undefined);
      if (page?.code !== 200) return undefined;
      items.push(...page.body.items.map(itemOf));
    } while (page.body.metadata.continue);
    const revision = Number(page.body.metadata.resourceVersion);
    const list = { client: this.#id, selection, begun, ended: performance.now(), revision, newest: !inPages, items };
    notebook.list(list);
    return list;
  }

  /** Keeps an old revision now and then, so that some swaps are made in vain. */
  #learn(key: string, { revision }: Version): void {
    if (pick(this.#world.random, 5) > 0) this.#known.set(key, revision);
  }
}

export function ignoreNotSent(error: unknown): void {
  if (!(error instanceof NotSentError)) throw error;
}

function send(api: Api, server: string, { key, call, value, expected, notOlderThan }: Operation): Promise<Answer> {
  const path = objectPath(key);
  switch (call) {
    case 'get':
      return api.call(server, 'GET', notOlderThan === undefined ? path : `${path}?resourceVersion=${notOlderThan}`);
    case 'create':
      return api.call(server, 'POST', path.slice(0, path.lastIndexOf('/')), objectOf(key, value!));
    case 'put':
    case 'swap':
      return api.call(server, 'PUT', path, objectOf(key, value!, expected));
    case 'delete': {
      const preconditions = expected === undefined ? undefined : { preconditions: { resourceVersion: `${expected}` } };
      return api.call(server, 'DELETE', path, preconditions);
    }
  }
}

function outcomeOf({ call, expected }: Operation, { code, body }: Answer): Partial<Operation> {
  if (code === 404) return { outcome: call === 'create' ? 'refused' : 'absent' };
  if (code === 409) {
    if (call === 'create') return { outcome: body.reason === 'AlreadyExists' ? 'exists' : 'refused' };
    return { outcome: expected === undefined ? 'refused' : 'conflict' };
  }
  if (code >= 500) return { outcome: 'unknown' };
  if (code >= 400) throw new Error(`${call} was answered ${code}: ${body.message}`);
  if (call === 'delete') return { outcome: 'ok' };
  const { value: found, revision } = itemOf(body);
  return { outcome: 'ok', found: { value: found, revision } };
}
