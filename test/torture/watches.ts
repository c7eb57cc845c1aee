/** What watches promise, one check for each promise: each looks at one watch and at what is known to have happened. */

import { type Connection, isEvent, type SeenEvent, selects, type Violation, type Watch } from './history.ts';
import { differences } from './reads.ts';
import { type Change, coverage, type Truth } from './truth.ts';

type Check = (watch: Watch, truth: Truth) => Violation[];

/** Revisions of a stream never fall, and none comes again that was asked for as known. */
const ordered: Check = (watch) =>
  watch.connections.flatMap((connection) => {
    const live = liveOf(connection);
    let last = connection.after ?? 0;
    for (const [i, entry] of live.entries()) {
      const floor = isEvent(entry) && i === 0 && connection.after !== undefined ? last + 1 : last;
      if (entry.revision < floor) {
        const message = `revision ${entry.revision} came behind ${last}`;
        return [broken('ordered', watch, message, [...live.slice(Math.max(0, i - 2), i + 1)])];
      }
      last = entry.revision;
    }
    return [];
  });

/** No change is told twice, also not by the connection that resumes. */
const unique: Check = (watch) => {
  const told = new Set<string>();
  return watch.connections.flatMap((connection) =>
    liveOf(connection)
      .filter(isEvent)
      .flatMap((event) => {
        const name = `${event.key} at revision ${event.revision}`;
        if (told.has(name)) return [broken('unique', watch, `${name} was told twice`, event)];
        told.add(name);
        return [];
      }),
  );
};

/** All changes of one revision come together or not at all. */
const atomic: Check = (watch, truth) =>
  watch.connections.flatMap((connection) => {
    const told = new Set(
      liveOf(connection)
        .filter(isEvent)
        .map(({ revision }) => revision),
    );
    return missing(watch, connection, truth)
      .filter(({ revision }) => told.has(revision))
      .map((change) => broken('atomic', watch, `of revision ${change.revision} only a part was told`, change));
  });

/** Between two events that a stream tells, it leaves none out; and none behind the revision at which it was resumed. */
const withoutGap: Check = (watch, truth) =>
  watch.connections.flatMap((connection) => {
    const told = liveOf(connection).filter(isEvent);
    const last = told.at(-1)?.revision ?? 0;
    const revisions = new Set(told.map(({ revision }) => revision));
    return missing(watch, connection, truth)
      .filter(({ revision }) => revision < last && !revisions.has(revision))
      .map((change) => {
        const message = `${textOf(change)} was not told though ${last} was (resumed behind ${connection.after ?? 'the objects'})`;
        return broken('no gap', watch, message, change);
      });
  });

/** Everything up to a bookmark's revision has been told before it, and nothing of it comes later. */
const bookmarksAreTrue: Check = (watch, truth) =>
  watch.connections.flatMap((connection) => {
    const live = liveOf(connection);
    const last = live.findLast(isEvent)?.revision ?? 0;
    const early = live.flatMap((entry, i) => {
      if (entry.type !== 'BOOKMARK') return [];
      const late = live.slice(i).find((event) => isEvent(event) && event.revision <= entry.revision);
      return late ? [broken('bookmarks true', watch, `an event followed a bookmark at ${entry.revision}`, late)] : [];
    });
    const untold = missing(watch, connection, truth).filter(({ revision }) => revision > last);
    return [
      ...early,
      ...untold.map((change) => broken('bookmarks true', watch, `a bookmark passed over ${textOf(change)}`, change)),
    ];
  });

/** The objects that a stream begins with are the state at the bookmark that ends them. */
const initialEventsAreTheState: Check = (watch, truth) =>
  watch.connections.flatMap(({ after, seen }) => {
    const end = seen.findIndex((entry) => entry.type === 'BOOKMARK' && entry.initialEnd);
    if (after !== undefined || end === -1) return [];
    const { revision } = seen[end]!;
    const items = seen.slice(0, end).filter(isEvent);
    const wrong = differences({ selection: watch.selection, items, revision }, truth);
    if (wrong.length === 0) return [];
    return [broken('initial events are the state', watch, `at ${revision}: ${wrong.join('; ')}`, items)];
  });

/** ADDED is what was not there for this watcher, MODIFIED and DELETED what was. */
const kindsToldApart: Check = (watch, truth) =>
  replayed(watch, truth).flatMap(({ event, before }) => {
    if (!before || (event.type === 'ADDED') === (before.value === undefined)) return [];
    const message = `${event.type} ${event.key} at ${event.revision}, where it was ${before.value ?? 'absent'}`;
    return [broken('create, update and delete told apart', watch, message, event)];
  });

/** What is gone is shown as it was last seen. */
const previousObject: Check = (watch, truth) =>
  replayed(watch, truth).flatMap(({ event, before }) => {
    if (event.type !== 'DELETED' || before?.value === undefined || before.value === event.value) return [];
    const message = `${event.key} was ${before.value} before it went at ${event.revision}, and was shown as ${event.value}`;
    return [broken('previous object', watch, message, event)];
  });

/** Only what belongs to the selection is told, and DELETED only when it no longer does. */
const filterRespected: Check = (watch, truth) =>
  replayed(watch, truth).flatMap(({ event }) => {
    const { type, key, value, revision } = event;
    const now = truth.of(key).find((change) => change.revision === revision);
    const stays = type === 'DELETED' && now !== undefined && selects(watch.selection, key, now.value);
    if (selects(watch.selection, key, value) && !stays) return [];
    return [broken('filter respected', watch, `${type} ${key}=${value} at ${revision}`, event)];
  });

/** A revision that the client has known for less than history is kept is not refused as too old. */
const resumable = (watch: Watch, retentionMs: number): Violation[] =>
  watch.connections.flatMap(({ end, after, knownForMs = 0 }) => {
    if (end !== 'expired' || knownForMs >= retentionMs) return [];
    const message = `revision ${after} was refused as too old after ${Math.round(knownForMs)} ms`;
    return [broken('resumable', watch, message, { after, knownForMs, retentionMs })];
  });

const checks: readonly Check[] = [
  ordered,
  unique,
  atomic,
  withoutGap,
  bookmarksAreTrue,
  initialEventsAreTheState,
  kindsToldApart,
  previousObject,
  filterRespected,
];

export function watchesKeepTheirPromises(watches: readonly Watch[], retentionMs: number, truth: Truth): Violation[] {
  return watches.flatMap((watch) => [
    ...checks.flatMap((check) => check(watch, truth)),
    ...resumable(watch, retentionMs),
  ]);
}

function broken(promise: string, { id, selection }: Watch, message: string, evidence: unknown): Violation {
  return { promise: `watch: ${promise}`, message: `watch ${id}: ${message}`, evidence: { selection, evidence } };
}

const textOf = ({ key, value, revision }: Change) => `${key}=${value ?? 'deleted'} at revision ${revision}`;

/** What a connection tells behind the objects that it begins with. */
function liveOf({ after, seen }: Connection): Connection['seen'] {
  const start = seen.findIndex((entry) => entry.type === 'BOOKMARK' && entry.initialEnd);
  if (after !== undefined) return seen;
  return start === -1 ? [] : seen.slice(start + 1);
}

/** Changes that the connection's last entry has passed and that it did not tell, though the watcher can see them. */
function missing({ selection }: Watch, connection: Connection, truth: Truth): Change[] {
  const range = coverage(connection);
  if (!range) return [];
  const told = new Set(liveOf(connection).flatMap((entry) => (isEvent(entry) ? `${entry.key} ${entry.revision}` : [])));
  return truth.between(selection, range.after, range.upTo).filter((change) => {
    const { key, revision, value } = change;
    if (told.has(`${key} ${revision}`)) return false;
    const before = truth.at(key, revision - 1);
    const wasIn = before && selects(selection, key, before.value) && truth.covers(before.revision, revision);
    return selects(selection, key, value) || wasIn === true;
  });
}

interface Replayed {
  event: SeenEvent;
  /** What the watcher knew the object to be; undefined when nobody can say. */
  before: { value: string | undefined } | undefined;
}

/** The live events of a watch, each with what the watcher saw of the object before. */
function replayed({ list, connections, selection }: Watch, truth: Truth): Replayed[] {
  const known = new Map<string, string | undefined>();
  const know = (items: readonly { key: string; value: string }[]) => {
    for (const key of truth.keys()) known.set(key, undefined);
    for (const { key, value } of items) known.set(key, value);
  };
  if (list) know(list);
  return connections.flatMap((connection, i) => {
    const live = liveOf(connection).filter(isEvent);
    const { after, seen } = connection;
    if (after === undefined) know(seen.slice(0, seen.length - liveOf(connection).length).filter(isEvent));
    else if (i === 0 && !list) stateAt(truth, selection, after, known);
    return live.map((event) => {
      const { key, type, value } = event;
      const before = known.has(key) ? { value: known.get(key) } : undefined;
      known.set(key, type === 'DELETED' ? undefined : value);
      return { event, before };
    });
  });
}

/** For a watch that began in the past: what it would have known, as far as the truth is known there. */
function stateAt(
  truth: Truth,
  selection: Watch['selection'],
  revision: number,
  known: Map<string, string | undefined>,
) {
  for (const key of truth.keys()) {
    const change = truth.at(key, revision);
    if (!change || !truth.covers(change.revision, revision)) continue;
    known.set(key, selects(selection, key, change.value) ? change.value : undefined);
  }
}
