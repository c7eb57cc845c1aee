/**
 * What clients saw of an API server while it was killed and started again: the input of all checks. Times are those of one
 * clock, taken before a request leaves and after its answer is here, so that they can only be too wide, never too narrow.
 */

/** `put` is a write without condition, `swap` one that names the revision to replace. */
export type CallName = 'get' | 'create' | 'put' | 'swap' | 'delete';

/** A version of an object: every value is written by one operation of the whole run only. */
export interface Version {
  value: string;
  revision: number;
}

export interface Operation {
  client: number;
  /** `namespace/name` */
  key: string;
  call: CallName;
  /** What create, put and swap write. */
  value?: string;
  /** The revision that a swap, or a delete with a precondition, names. */
  expected?: number;
  /** The resourceVersion parameter of a get: the answer may be as old as that. Such reads are not linearizable. */
  notOlderThan?: number;
  begun: number;
  /** Missing when no answer came: the write may have happened, or may yet happen, or never. */
  ended?: number;
  /**
   * `ok`: done, or found. `absent`: there was no such object. `exists`: there was one (create). `conflict`: it had another
   * revision. `refused`: nothing was done, for a reason that says nothing about the object. `unknown`: see `ended`.
   */
  outcome: 'ok' | 'absent' | 'exists' | 'conflict' | 'refused' | 'unknown';
  /** What a get found, and what a write that is `ok` made; a delete does not learn its revision. */
  found?: Version;
}

export interface Item extends Version {
  key: string;
}

export interface List {
  client: number;
  selection: Selection;
  begun: number;
  ended: number;
  /** Of the whole list, whatever number of pages it took. */
  revision: number;
  /** Asked for the newest state, in one page: all of it is a read at one moment between begin and end. */
  newest: boolean;
  items: Item[];
}

/** What a list or a watch asks for; every part narrows it. */
export interface Selection {
  namespace?: string;
  name?: string;
  color?: string;
}

export type Seen =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; key: string; value: string; revision: number }
  | { type: 'BOOKMARK'; revision: number; initialEnd: boolean };
export type SeenEvent = Exclude<Seen, { type: 'BOOKMARK' }>;

/** One stream. */
export interface Connection {
  /** Events behind this revision were asked for; undefined: all objects first, then events (sendInitialEvents). */
  after: number | undefined;
  begun: number;
  seen: Seen[];
  /** `expired`: 410, the revision is too old. `cut`: without a word, as when the server was killed. */
  end: 'open' | 'timeout' | 'cut' | 'expired';
  /** For how long the client had known `after` when it was refused as too old. */
  knownForMs?: number;
}

/** A watch that is resumed: each connection begins where the one before has stopped. */
export interface Watch {
  id: number;
  selection: Selection;
  /** The list it began with; a watch that begins somewhere in the past, or with initial events, has none. */
  list?: Item[];
  connections: Connection[];
}

export interface History {
  operations: Operation[];
  lists: List[];
  watches: Watch[];
  /** Revisions younger than this may not be refused as too old. */
  retentionMs: number;
}

/** One promise that was broken. */
export interface Violation {
  promise: string;
  message: string;
  /** The smallest part of the history that shows it. */
  evidence: unknown;
}

/** The first word of a value is also the object's label `color`, so that what a selector finds follows from the value. */
export const colorOf = (value: string): string => value.slice(0, value.indexOf('-'));

export function selects(selection: Selection, key: string, value: string | undefined): boolean {
  if (value === undefined || !concerns(selection, key)) return false;
  return selection.color === undefined || colorOf(value) === selection.color;
}

/** Whether the object can belong to the selection, whatever its value is. */
export function concerns({ namespace, name }: Selection, key: string): boolean {
  const slash = key.indexOf('/');
  if (namespace !== undefined && key.slice(0, slash) !== namespace) return false;
  return name === undefined || key.slice(slash + 1) === name;
}

export const isEvent = (seen: Seen): seen is SeenEvent => seen.type !== 'BOOKMARK';
