/** Events of the past, read back from the store for a watch that begins before the recent changes. */
import { type ApiError, expired } from '../../api/status.ts';
import { CompactedError, type KeyValue, type Store, type StoreEvent } from '../../store/store.ts';
import { type AnyKind, canonical, Entry } from '../entry.ts';
import type { Selection } from '../selection.ts';
import { storeProblem } from '../store-problem.ts';
import { type WatchItem, WatchRecord } from './item.ts';

export interface History {
  readonly store: Store;
  readonly kind: AnyKind;
  readonly prefix: string;
  /** Events behind this revision … */
  readonly after: number;
  /** … up to this one. */
  readonly upTo: number;
  /** More than these, and a new list is cheaper: the watch is refused as too old. */
  readonly itemsMax: number;
  readonly selection: Selection;
}

export function readHistory(history: History): { items: Promise<WatchItem[]>; cancel(): void } {
  const { store, prefix, after, upTo, itemsMax, selection } = history;
  let cancel = () => {};
  const items = new Promise<WatchItem[]>((resolve, reject) => {
    const found: WatchItem[] = [];
    const finish = (error?: Error) => {
      cancel();
      if (error) reject(asApiError(error, after));
      else resolve(found);
    };
    const watch = store.watch(
      { prefix, startRevision: after + 1 },
      {
        events(revision, events) {
          if (revision > upTo) return finish();
          for (const event of events) {
            const record = recordOf(history.kind, revision, event);
            if (!record) return finish(tooOld(after));
            const item = record.itemFor(selection.matches);
            if (item) found.push(item);
          }
          if (found.length > itemsMax) return finish(tooOld(after));
          if (revision === upTo) finish();
        },
        progress(revision) {
          if (revision >= upTo) finish();
        },
        error: finish,
      },
    );
    cancel = () => watch.close();
  });
  return { items, cancel: () => cancel() };
}

/** Undefined when the store no longer knows what the object was before. */
function recordOf(kind: AnyKind, revision: number, event: StoreEvent): WatchRecord | undefined {
  const isNew = event.type === 'put' && event.kv.version === 1;
  if (!isNew && !event.prev) return undefined;
  const before = isNew ? undefined : entryOf(kind, event.prev);
  const after = event.type === 'put' ? entryOf(kind, event.kv) : undefined;
  return new WatchRecord({ revision, before, after });
}

function entryOf(kind: AnyKind, kv: KeyValue | undefined): Entry | undefined {
  const value = kv && canonical(kind, kv.value);
  return value && new Entry(kind, kv.key, value, kv.modRevision);
}

export const tooOld = (after: number, oldest: number | string = 'history') =>
  expired(`too old resource version: ${after} (${oldest})`);

function asApiError(error: Error, after: number): ApiError {
  return error instanceof CompactedError ? tooOld(after, error.compactedRevision) : storeProblem(error);
}
