/**
 * The tokens and what is registered under them, on a Store: `/_etcd/registry/TOKEN/NAME`. A 2xx is on disk, and the
 * store's revisions are etcd's indexes. A token lives as long as its lease, which every registration renews; with it go
 * all its keys.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../async/clock.ts';
import type { Logger } from '../../async/log.ts';
import type { KeyValue, Store, StoreEvent, StoreWatch } from '../../store/store.ts';
import { type Answer, decode, type Entry, encode, goneNode, KeysError, type Node, nodeOf } from './answers.ts';

const registry = '/_etcd/registry/';
const leases = '/leases/';

/** A cluster of n members asks n² times; those beyond the size become proxies and do not register. */
export const sizeMax = 100;
/** Members of etcd 0.4 register without an end, and a token may be used by machines that come and go. */
const keysPerTokenMax = 4 * sizeMax;
const valueBytesMax = 2048;
const nameBytesMax = 255;

export interface RegistryOptions {
  store: Store;
  clock: Clock;
  log: Logger;
  /** How long a token lives after the last registration; for ever when 0. */
  ttlMs: number;
  /** Of all tokens together. */
  keysMax: number;
}

/** A key below a token; the token's own directory without a name. */
export interface Place {
  token: string;
  name?: string;
}

export interface Wishes {
  /** true: only what is there already, false: only what is not. */
  prevExist?: boolean | undefined;
  ttlSeconds?: number | undefined;
}

export interface Indexed {
  answer: Answer;
  /** The store's, when it was answered. */
  index: number;
}

/** No room for another token. */
export class RegistryFullError extends Error {}

export class Registry {
  readonly #options: RegistryOptions;
  readonly #watch: StoreWatch;

  private constructor(options: RegistryOptions) {
    this.#options = options;
    this.#watch = options.store.watch(
      { prefix: leases },
      {
        events: (_revision, events) => {
          for (const event of events) if (event.type === 'delete') this.#forget(event.key.slice(leases.length));
        },
        // The store was closed, or failed, which every write will tell.
        error: () => {},
      },
    );
  }

  /** Removes what belongs to tokens whose lease ran out while nobody looked. */
  static async open(options: RegistryOptions): Promise<Registry> {
    const opened = new Registry(options);
    const [kept, known] = await Promise.all([
      options.store.range({ prefix: leases }),
      options.store.range({ prefix: registry }),
    ]);
    const living = new Set(kept.kvs.map(({ key }) => key.slice(leases.length)));
    const tokens = new Set(known.kvs.map(({ key }) => key.slice(registry.length).split('/', 1)[0]!));
    for (const token of tokens) if (!living.has(token)) opened.#forget(token);
    return opened;
  }

  get index(): number {
    return this.#options.store.revision;
  }

  close(): void {
    this.#watch.close();
  }

  /** A new token. It is all that protects a cluster that is being formed, so it has 128 bits from the system. */
  async create(size: number): Promise<string> {
    const { store, keysMax } = this.#options;
    if (store.stats().keys >= keysMax) throw new RegistryFullError('too many tokens; old ones expire');
    const token = randomBytes(16).toString('hex');
    const config = encode({ value: String(size), action: 'create' });
    await store.txn({ then: [{ type: 'put', key: sizeKey(token), value: config }, this.#lease(token)] });
    this.#options.log.info(`new token for a cluster of ${size}`);
    return token;
  }

  /** Rejects when nothing can be kept: writes a key and deletes it again. */
  async check(): Promise<void> {
    const { store } = this.#options;
    await store.txn({ then: [{ type: 'put', key: '/health', value: Buffer.from('{}') }] });
    await store.txn({ then: [{ type: 'delete', key: '/health' }] });
  }

  async get(place: Place, sorted = false): Promise<Indexed> {
    const { kvs, revision } = await this.#all(place.token);
    const answer = { action: 'get' as const, node: this.#find(place, kvs, revision, sorted) };
    return { answer, index: revision };
  }

  async put(place: Place, value: string, wishes: Wishes): Promise<Indexed> {
    const { store, clock } = this.#options;
    const key = keyOf(place);
    if (place.name === undefined || place.name === '_config') throw new KeysError(102, key, this.index);
    await this.#checkRoom(place.name, key, value);
    const { token } = place;
    const { prevExist, ttlSeconds } = wishes;
    const before = await store.get(key);
    const entry = entryOf(value, prevExist, before);
    const { succeeded, results, revision } = await store.txn({
      compare: [
        { key: sizeKey(token), target: 'version', is: '>', value: 0 },
        ...(prevExist === false ? [{ key, target: 'version', is: '=', value: 0 } as const] : []),
        // An update keeps what it has read: the index at which the key was created.
        ...(prevExist ? [{ key, target: 'mod', is: '=', value: before?.modRevision ?? -1 } as const] : []),
      ],
      then: [
        { type: 'get', key },
        { type: 'put', key, value: encode(entry), ...(ttlSeconds !== undefined && { ttlSeconds }) },
        this.#lease(token),
      ],
      else: [{ type: 'get', key: sizeKey(token) }],
    });
    if (!succeeded) {
      if (!results[0]?.kv) throw new KeysError(100, tokenKey(token), revision);
      throw new KeysError(prevExist ? 100 : 105, key, revision);
    }
    const [prev, written] = [results[0]!.kv, results[1]!.kv!];
    const now = clock.now();
    const prevNode = prev && { prevNode: nodeOf(prev, now) };
    return { answer: { action: entry.action, node: nodeOf(written, now), ...prevNode }, index: revision };
  }

  async delete(place: Place): Promise<Indexed> {
    const { store, clock } = this.#options;
    const key = keyOf(place);
    if (place.name === '_config') throw new KeysError(102, key, this.index);
    const { results, revision } = await store.txn({ then: [{ type: 'delete', key }] });
    const prev = results[0]?.kv;
    if (!prev) throw await this.#notFound(place);
    const prevNode = nodeOf(prev, clock.now());
    return { answer: { action: 'delete', node: goneNode(prevNode, revision), prevNode }, index: revision };
  }

  /**
   * The first change at or after `waitIndex`, or from now on without one; undefined when `signal` aborts first. Of the past it
   * tells what is there: a real member that were told of a deletion would take it for a member.
   */
  async wait(place: Place, recursive: boolean, waitIndex: number, signal: AbortSignal): Promise<Indexed | undefined> {
    const { kvs, revision } = await this.#all(place.token);
    const key = keyOf(place);
    const concerns = (other: string) => other === key || (recursive && other.startsWith(`${key}/`));
    const past = waitIndex > 0 ? kvs.filter((kv) => concerns(kv.key) && kv.modRevision >= waitIndex) : [];
    const first = past.sort((a, b) => a.modRevision - b.modRevision)[0];
    if (first) {
      const node = nodeOf(first, this.#options.clock.now());
      return { answer: { action: decode(first).action, node }, index: revision };
    }
    const isVisible = (other: string) => concerns(other) && !other.slice(key.length).includes('/_');
    const answer = await this.#next(key, isVisible, Math.max(waitIndex, revision + 1), signal);
    return answer && { answer, index: revision };
  }

  /** `matches` is asked about keys that begin with `prefix`. */
  #next(
    prefix: string,
    matches: (key: string) => boolean,
    startRevision: number,
    signal: AbortSignal,
  ): Promise<Answer | undefined> {
    const { store, clock } = this.#options;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return resolve(undefined);
      const finish = (end: () => void) => {
        watch.close();
        signal.removeEventListener('abort', onAbort);
        end();
      };
      const onAbort = () => finish(() => resolve(undefined));
      signal.addEventListener('abort', onAbort);
      // The index may lie in the future; the store's watches begin now.
      const watch = store.watch(
        { prefix, startRevision: Math.min(startRevision, store.revision + 1) },
        {
          events: (revision, events) => {
            const event = events.find((e) => matches(e.type === 'put' ? e.kv.key : e.key));
            if (event && revision >= startRevision) finish(() => resolve(answerOf(event, clock.now())));
          },
          error: (error) => finish(() => reject(error)),
        },
      );
    });
  }

  /** All keys of a token that is known. */
  async #all(token: string): Promise<{ kvs: KeyValue[]; revision: number }> {
    const { kvs, revision } = await this.#options.store.range({ prefix: `${tokenKey(token)}/` });
    if (!kvs.some(({ key }) => key === sizeKey(token))) throw new KeysError(100, tokenKey(token), revision);
    return { kvs, revision };
  }

  #find({ token, name }: Place, kvs: readonly KeyValue[], revision: number, sorted: boolean): Node {
    const now = this.#options.clock.now();
    const key = keyOf({ token, ...(name !== undefined && { name }) });
    const size = kvs.find((kv) => kv.key === sizeKey(token))!;
    const directory = { key, dir: true as const };
    const indexes = { modifiedIndex: size.createRevision, createdIndex: size.createRevision };
    // What is hidden is shown to those who name its directory.
    if (name === '_config') return { ...directory, nodes: [nodeOf(size, now)], ...indexes };
    if (name === undefined) {
      const children = kvs.filter((kv) => !kv.key.slice(key.length + 1).startsWith('_')).map((kv) => nodeOf(kv, now));
      if (!sorted) children.sort((a, b) => a.createdIndex - b.createdIndex);
      return { ...directory, ...(children.length > 0 && { nodes: children }), ...indexes };
    }
    const kv = kvs.find((other) => other.key === key);
    if (!kv) throw new KeysError(100, key, revision);
    return nodeOf(kv, now);
  }

  /** The cause is the deepest missing ancestor. */
  async #notFound(place: Place): Promise<KeysError> {
    const size = await this.#options.store.get(sizeKey(place.token));
    return new KeysError(100, size ? keyOf(place) : tokenKey(place.token), this.index);
  }

  /** Requests that are on their way at the same time may pass the bounds by their own number. */
  async #checkRoom(name: string, key: string, value: string): Promise<void> {
    const { store, keysMax } = this.#options;
    if (Buffer.byteLength(value) > valueBytesMax) throw new KeysError(209, `value longer than ${valueBytesMax} bytes`);
    if (Buffer.byteLength(name) > nameBytesMax) throw new KeysError(209, `name longer than ${nameBytesMax} bytes`);
    if (await store.get(key)) return;
    const { count } = await store.range({ prefix: key.slice(0, key.lastIndexOf('/') + 1), limit: 1 });
    if (count >= keysPerTokenMax) throw new KeysError(209, `more than ${keysPerTokenMax} keys under one token`);
    if (store.stats().keys >= keysMax) throw new KeysError(209, 'no room for more keys; old tokens expire');
  }

  #lease(token: string) {
    const { ttlMs } = this.#options;
    const ttl = ttlMs > 0 && { ttlSeconds: Math.ceil(ttlMs / 1000) };
    return { type: 'put' as const, key: `${leases}${token}`, value: Buffer.from('{}'), ...ttl };
  }

  #forget(token: string): void {
    const { store, log } = this.#options;
    // A registration that came just after the lease had run out has made a new one.
    const unleased = { key: `${leases}${token}`, target: 'version', is: '=', value: 0 } as const;
    store.txn({ compare: [unleased], then: [{ type: 'deletePrefix', prefix: `${tokenKey(token)}/` }] }).then(
      ({ succeeded }) => succeeded && log.info('a token expired'),
      (error: Error) => log.warn(`an expired token stays until the next start: ${error.message}`),
    );
  }
}

const tokenKey = (token: string) => `${registry}${token}`;
const sizeKey = (token: string) => `${tokenKey(token)}/_config/size`;
const keyOf = ({ token, name }: Place) => (name === undefined ? tokenKey(token) : `${tokenKey(token)}/${name}`);

/** Only an update keeps the index of creation: a plain PUT makes a new node in the place of the old one. */
function entryOf(value: string, prevExist: boolean | undefined, before: KeyValue | undefined): Entry {
  if (prevExist === false) return { value, action: 'create' };
  if (prevExist === undefined || !before) return { value, action: 'set' };
  return { value, action: 'update', createdIndex: decode(before).createdIndex ?? before.modRevision };
}

function answerOf(event: StoreEvent, now: number): Answer {
  const prevNode = event.prev && nodeOf(event.prev, now);
  if (event.type === 'put') {
    return { action: decode(event.kv).action, node: nodeOf(event.kv, now), ...(prevNode && { prevNode }) };
  }
  const node = goneNode(prevNode ?? { key: event.key, modifiedIndex: 0, createdIndex: 0 }, event.modRevision);
  const expired = event.prev?.expiresAt !== undefined && event.prev.expiresAt <= now;
  return { action: expired ? 'expire' : 'delete', node, ...(prevNode && { prevNode }) };
}
