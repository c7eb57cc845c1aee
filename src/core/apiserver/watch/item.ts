/** What a watcher gets: one event, encoded at most once per format however many watchers it goes to. */
import type { KubeObject } from '../../api/object.ts';
import type { AnyKind, Entry, Payload } from '../entry.ts';
import type { Change } from '../resource.ts';

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';

/** How a stream shows events: the id names the cached line, so equal ids must mean equal bytes. */
export interface WatchFormat {
  readonly id: string;
  line(item: WatchItem): Buffer;
}

export class WatchItem {
  readonly type: EventType;
  readonly payload: Payload;
  readonly #lines = new Map<string, Buffer>();

  constructor(type: EventType, payload: Payload) {
    this.type = type;
    this.payload = payload;
  }

  line(format: WatchFormat): Buffer {
    let line = this.#lines.get(format.id);
    if (!line) {
      line = format.line(this);
      this.#lines.set(format.id, line);
    }
    return line;
  }
}

export const jsonLines: WatchFormat = {
  id: 'json',
  line: ({ type, payload }) => eventLine(type, payload.wire),
};

export function eventLine(type: EventType | 'ERROR', object: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`{"type":"${type}","object":`), object, closing]);
}
const closing = Buffer.from('}\n');

/** A change as watchers of different selectors see it. */
export class WatchRecord {
  readonly change: Change;
  readonly #items: { [type in EventType]?: WatchItem } = {};

  constructor(change: Change) {
    this.change = change;
  }

  /** The item for a watcher with this filter; undefined when the change does not concern it. */
  itemFor(matches: (entry: Entry) => boolean): WatchItem | undefined {
    const { before, after } = this.change;
    const was = before !== undefined && matches(before);
    const is = after !== undefined && matches(after);
    if (is) return this.#item(was ? 'MODIFIED' : 'ADDED');
    return was ? this.#item('DELETED') : undefined;
  }

  #item(type: 'ADDED' | 'MODIFIED' | 'DELETED'): WatchItem {
    const { before, after, revision } = this.change;
    // What left the selection is shown as it last was in it, at the revision of its leaving.
    const entry = type === 'DELETED' ? before?.at(revision) : after;
    const item = this.#items[type] ?? new WatchItem(type, entry as Payload);
    this.#items[type] = item;
    return item;
  }
}

/** Tells how far a watch has come. `initialEnd` closes the events that sendInitialEvents asked for. */
export function bookmark(kind: AnyKind, revision: number, initialEnd = false): WatchItem {
  const object = {
    kind: kind.kind,
    apiVersion: kind.apiVersion,
    metadata: {
      resourceVersion: String(revision),
      ...(initialEnd && { annotations: { 'k8s.io/initial-events-end': 'true' } }),
    },
  };
  const payload = { object: object as unknown as KubeObject, wire: Buffer.from(JSON.stringify(object)) };
  return new WatchItem('BOOKMARK', payload);
}
